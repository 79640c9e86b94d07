//! The state of a vault, its environments and its agents.

use crate::agent::Client;
use crate::error::Result;
use crate::item::DueWindow;
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::roster;
use crate::time::Time;
use crate::vault::{self, LastSave, Purpose, Session, Standing, Vault};
use chrono::TimeDelta;
use serde::Serialize;
use std::collections::BTreeMap;

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

impl Status {
    /// Returns what the file shows without keys. `served` are the addresses of the user's servers for this vault.
    ///
    /// # Errors
    /// An integrity error if the file is not valid.
    pub fn locked(vault: &Vault, served: Vec<String>) -> Result<Self> {
        Ok(Self::outline(vault, vault.last_saves()?, served))
    }

    fn outline(vault: &Vault, saves: BTreeMap<EnvironmentName, LastSave<'_>>, served: Vec<String>) -> Self {
        Self {
            object_id: vault.id().to_string(),
            path: vault.path().display().to_string(),
            unlocked: false,
            user: None,
            served,
            agent: None,
            roster_version: vault.roster().head().version,
            environments: saves.into_values().map(|save| EnvironmentStatus::new(vault, save)).collect(),
            elsewhere: vault.elsewhere().into_iter().map(Elsewhere::new).collect(),
            renewing: vault.renewals().into_iter().map(ToString::to_string).collect(),
            drafts: vault.draft_files().len(),
            due: None,
            due_soon: None,
        }
    }

    /// Returns what a user with keys sees. This doesn't make the user's agent live longer. A refusal is logged.
    ///
    /// # Errors
    /// An integrity error if the file is not valid; an unlock error if the agent has ended.
    pub fn unlocked(session: &Session, served: Vec<String>, window: DueWindow) -> Result<Self> {
        let vault = session.vault();
        session.agent().iter().for_each(|agent| agent.only_look());
        let (now, mut due, mut due_soon) = (window.now, 0, 0);
        let purpose = Purpose::for_action(Action::List);
        let mut status = Self::outline(vault, session.last_saves_before(&purpose)?, served);
        for unread in session.open_readable(&purpose)? {
            due += unread.items().filter(|item| item.is_due(now)).count();
            due_soon += unread.items().filter(|item| item.is_due_soon(window)).count();
            let name = unread.environment().as_str();
            if let Some(own) = status.environments.iter_mut().find(|environment| environment.name == name) {
                own.items = Some(unread.count());
            }
        }
        let agent = session.agent().map(|agent| AgentStatus::new(agent, now));
        let user = Some(session.user().to_string());
        let drafts = vault.draft_files().into_iter().filter(|file| file.user == *session.user()).count();
        Ok(Self { agent, unlocked: true, user, drafts, due: Some(due), due_soon: Some(due_soon), ..status })
    }
}

/// A newer version on another branch.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Elsewhere {
    /// The branch, remote branch or tag; or the path of another clone.
    pub branch: String,
    /// The environment; absent for the roster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The environment's version on that branch, or the number of roster changes.
    pub version: u32,
    /// Whether the branch is gone, so that no branch has this version any more.
    pub gone: bool,
}

impl Elsewhere {
    /// Returns the object for what another branch or clone has.
    #[must_use]
    pub fn new(other: vault::Elsewhere) -> Self {
        let environment = other.environment.map(|name| name.to_string());
        Self { branch: other.holder, environment, version: other.version, gone: other.is_gone }
    }
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

impl EnvironmentStatus {
    /// Returns what the file shows about an environment without keys.
    #[must_use]
    pub fn new(vault: &Vault, LastSave { statement, standing }: LastSave<'_>) -> Self {
        let name = &statement.name;
        let environment = vault.roster().state().environments.get(name);
        Self {
            name: name.to_string(),
            version: statement.version,
            items: None,
            protected: environment.is_some_and(roster::Environment::is_protected),
            pending: standing == Standing::Pending,
            old_keys_of: vault.old_keys_of(name).into_iter().map(ToString::to_string).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment, remove_user};
    use crate::actions::user_add::Rights;
    use crate::item::ANNOUNCED;
    use crate::name::UserName;

    fn counts(status: &Status) -> Vec<(&str, u32, Option<usize>)> {
        let environments = status.environments.iter();
        environments.map(|environment| (environment.name.as_str(), environment.version, environment.items)).collect()
    }

    #[test]
    fn with_keys_the_status_has_the_user_the_items_and_due_values() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "prod/B=2", "prod/C=3"]);
        sandbox.add_user("ben", &Rights { read: &[environment("dev")], ..Rights::default() });
        let ben = UserName::new("ben").unwrap();
        remove_user(&mut sandbox.session, &ben).unwrap();
        let vault = sandbox.session.vault();
        let locked = Status::locked(vault, vec!["http://localhost:1".to_owned()]).unwrap();
        assert_eq!((locked.object_id.as_str(), locked.roster_version), (&*vault.id().to_string(), 5));
        assert_eq!((locked.unlocked, locked.user.is_none(), locked.due), (false, true, None));
        assert_eq!(locked.served, ["http://localhost:1"]);
        assert_eq!(counts(&locked), [("dev", 3, None), ("prod", 1, None)]);

        let status = Status::unlocked(&sandbox.session, Vec::new(), DueWindow::new(Time::now(), ANNOUNCED)).unwrap();
        assert_eq!((status.unlocked, status.user.as_deref(), status.agent.is_none()), (true, Some("mia"), true));
        assert_eq!(counts(&status), [("dev", 3, Some(1)), ("prod", 1, Some(2))]);
        assert_eq!((status.due, status.due_soon), (Some(1), Some(0)), "ben knew one of the values");
    }

    #[test]
    fn an_environment_is_shown_as_pending_and_protected_without_keys() {
        let sandbox = Sandbox::new();
        let vault = sandbox.session.vault();
        let save = vault.last_saves().unwrap()[&environment("dev")];
        assert!(EnvironmentStatus::new(vault, LastSave { standing: Standing::Pending, ..save }).pending);
        let valid = EnvironmentStatus::new(vault, save);
        assert_eq!((valid.pending, valid.protected, valid.version, valid.old_keys_of.len()), (false, false, 1, 0));
    }

    #[test]
    fn another_branch_is_named_with_its_newer_state() {
        let (holder, is_gone) = ("main".to_owned(), true);
        let other = vault::Elsewhere { environment: Some(environment("dev")), version: 5, holder, is_gone };
        let object = Elsewhere::new(other);
        assert_eq!((object.branch.as_str(), object.environment.as_deref()), ("main", Some("dev")));
        assert_eq!((object.version, object.gone), (5, true));
    }
}
