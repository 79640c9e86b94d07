//! Where a vault stands.

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
    /// The file.
    pub path: String,
    /// Whether a key or passphrase at hand opened it.
    pub unlocked: bool,
    /// Who it was unlocked as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The number of roster changes.
    pub roster_version: u32,
    /// The environments.
    pub environments: Vec<EnvironmentStatus>,
    /// What is newer on other branches of the git repository.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Elsewhere>,
    /// The machines that have a new key beside the old one, until `vault user renew NAME --finish`.
    pub renewing: Vec<String>,
    /// How many texts `vault edit` could not save and keeps on this device (`vault edit --resume`).
    #[serde(skip_serializing_if = "is_none_of")]
    pub drafts: usize,
    /// Where servers that you run serve it (`vault serve`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub served: Vec<String>,
    /// The agent that holds the keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentStatus>,
    /// How many items are expired or should be replaced; only where it was unlocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<usize>,
    /// How many more will be soon (`--within`, else 7 days); only where it was unlocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_soon: Option<usize>,
}

fn is_none_of(count: &usize) -> bool {
    *count == 0
}

/// Something newer that another branch has.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Elsewhere {
    /// The branch, remote branch or tag; or the path of another clone.
    pub branch: String,
    /// The environment; left out for users and rights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Its version there, or the number of roster changes.
    pub version: u32,
    /// Whether the branch is gone, and nothing has it any more.
    pub gone: bool,
}

/// A vault that an agent holds a user's keys of.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Unlocked {
    /// The vault's id.
    pub object_id: String,
    /// The file when it was unlocked.
    pub path: String,
    /// Whose keys.
    pub user: String,
    /// The agent.
    pub agent: AgentStatus,
}

impl Unlocked {
    /// What an agent says of itself now.
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
    /// When it ends, used or not.
    pub held_until: String,
    /// When it ends if it isn't used.
    pub idle_until: String,
    /// After how many seconds without use it ends.
    pub idle_limit: u64,
    /// Its process.
    pub pid: u32,
    /// The directory that it listens in: in XDG_RUNTIME_DIR or, where there is none, one of its own in /tmp.
    pub directory: String,
    /// In how many seconds it ends if it isn't used.
    #[serde(skip)]
    pub left: u64,
    /// In how many seconds it ends in any case.
    #[serde(skip)]
    pub left_if_used: u64,
}

impl AgentStatus {
    /// An agent as it says of itself now.
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
    /// Its name.
    pub name: String,
    /// Counts the saves.
    pub version: u32,
    /// How many items; only where it was unlocked and may be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
    /// Whether commands ask, or want a reason, before they hand out or change its values.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    /// Whether somebody lost their right on it and it waits for the next save by somebody who writes it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
    /// Readers who replaced their keys since it was saved: it is encrypted to their old ones until somebody who writes it
    /// saves it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub old_keys_of: Vec<String>,
}
