//! The state of a vault, its environments and its agents.

use crate::agent::Client;
use crate::time::Time;
use chrono::TimeDelta;
use serde::Serialize;

/// The state of a vault.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The vault's id.
    pub object_id: String,
    /// The vault's file.
    pub path: String,
    /// Whether an available key or passphrase opened it.
    pub unlocked: bool,
    /// The user it was unlocked as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The number of roster changes.
    pub roster_version: u32,
    /// The environments.
    pub environments: Vec<EnvironmentStatus>,
    /// Newer versions on other branches of the git repository.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Elsewhere>,
    /// The machines that have a new key besides the old one, until `vault user renew NAME --finish`.
    pub renewing: Vec<String>,
    /// How many texts `vault edit` could not save. They are kept on this device (`vault edit --resume`).
    #[serde(skip_serializing_if = "is_none_of")]
    pub drafts: usize,
    /// The addresses of your servers for this vault (`vault serve`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub served: Vec<String>,
    /// The agent that holds the keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentStatus>,
    /// How many items are expired or due for replacement; only if the vault was unlocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<usize>,
    /// How many more will be due soon (`--within`, or else 7 days); only if the vault was unlocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_soon: Option<usize>,
}

fn is_none_of(count: &usize) -> bool {
    *count == 0
}

/// A newer version on another branch.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Elsewhere {
    /// The branch, remote branch or tag; or the path of another clone.
    pub branch: String,
    /// The environment; absent for users and rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The environment's version on that branch, or the number of roster changes.
    pub version: u32,
    /// Whether the branch is gone, so that no branch has this version any more.
    pub gone: bool,
}

/// A vault whose keys an agent holds for a user.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Unlocked {
    /// The vault's id.
    pub object_id: String,
    /// The path of the file when it was unlocked.
    pub path: String,
    /// The user whose keys the agent holds.
    pub user: String,
    /// The agent.
    pub agent: AgentStatus,
}

impl Unlocked {
    /// Returns the object for an agent's current description of itself.
    pub fn new(client: &Client, now: Time) -> Self {
        let agent = client.status();
        Self {
            object_id: agent.vault.to_string(),
            path: agent.path.clone(),
            user: agent.user.clone(),
            agent: AgentStatus::new(client, now),
        }
    }
}

/// The state of an agent.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AgentStatus {
    /// When it ends, used or not: RFC 3339, UTC.
    pub held_until: String,
    /// When it ends if it is not used: RFC 3339, UTC.
    pub idle_until: String,
    /// How many seconds it may be unused before it ends.
    pub idle_limit: u64,
    /// The id of its process.
    pub pid: u32,
    /// The directory of its socket: in XDG_RUNTIME_DIR, or else a directory of its own in /tmp.
    pub directory: String,
    /// In how many seconds it ends if it is not used.
    #[serde(skip)]
    pub left: u64,
    /// In how many seconds it ends, used or not.
    #[serde(skip)]
    pub left_if_used: u64,
}

impl AgentStatus {
    /// Returns the object for an agent's current description of itself.
    pub fn new(client: &Client, now: Time) -> Self {
        let agent = client.status();
        let after = |milliseconds: u64| {
            let until = i64::try_from(milliseconds).ok().and_then(TimeDelta::try_milliseconds);
            let until = until.and_then(|passing| now.utc().checked_add_signed(passing));
            until.map_or(now, Time::from).to_string()
        };
        Self {
            held_until: after(agent.ends_in),
            idle_until: after(agent.idle_in),
            idle_limit: agent.idle.div_ceil(1000),
            pid: agent.pid,
            directory: crate::path::parent(client.socket()).display().to_string(),
            left: agent.left().div_ceil(1000),
            left_if_used: agent.ends_in.div_ceil(1000),
        }
    }
}

/// The state of an environment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentStatus {
    /// The environment's name.
    pub name: String,
    /// The number of saves.
    pub version: u32,
    /// The number of items; only if the vault was unlocked and the user can read the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
    /// Whether commands ask for confirmation or a reason before they hand out or change its values.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    /// Whether a user lost a right on it, and it waits for the next save by a user who can write it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
    /// The readers who replaced their keys since it was saved. It is encrypted to their old keys until a user who can
    /// write it saves it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub old_keys_of: Vec<String>,
}
