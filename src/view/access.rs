//! Users, rights and environments: who may what, and could.

use crate::file::Slot;
use crate::item::Kind;
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Roster, State, Statement};
use crate::vault::{Exposed, Fate};
use crate::words::several;
use serde::Serialize;

/// An environment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// The hash of the roster change that added it, and its name: a later environment of that name has another.
    pub object_id: String,
    /// Its name.
    pub name: String,
    /// Counts the saves since it was added.
    pub version: u32,
    /// How many items it has; only where this user may read it and it was unlocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
    /// Who may read.
    pub readers: Vec<String>,
    /// Who may write.
    pub writers: Vec<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
    /// The user who saved it last.
    pub updated_by: String,
    /// Whether commands ask, or want a reason, before they hand out or change its values.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    /// Whether somebody lost their right on it and it waits for the next save by somebody who writes it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
}

/// A user: a person or a machine. There is no password here or in the file: it is a key's derivation, nothing kept.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The hash of the roster change that added the user: a later user of the same name has another.
    pub object_id: String,
    /// Unique in the vault.
    pub username: String,
    /// Where given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `admin` or `member`.
    pub role: &'static str,
    /// The rights, by environment.
    pub grants: Vec<Grant>,
    /// What environments are encrypted to: `age1...`.
    pub recipient: String,
    /// How the user unlocks: `passphrase` and `key`, one word for each slot.
    pub slots: Vec<&'static str>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// The last change of role, rights or keys. RFC 3339, UTC.
    pub updated_at: String,
    /// Who added the user.
    pub added_by: String,
    /// Who made the keys in use and has seen them, until the user replaces them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_by: Option<String>,
}

impl User {
    /// A user of this vault as it is now.
    pub fn new(vault: &crate::vault::Vault, name: &UserName) -> crate::Result<Self> {
        Self::of(vault.roster().state(), &vault.file().slots, name)
    }

    /// A user as a roster and slots have it.
    pub fn of(state: &State, slots: &[Slot], name: &UserName) -> crate::Result<Self> {
        let user = state.user(name)?;
        let grant = |(environment, of): (&EnvironmentName, &crate::roster::Environment)| {
            let right = of.grants.get(name)?.as_str();
            Some(Grant { environment: environment.to_string(), right })
        };
        let slots = slots.iter().filter(|slot| slot.user == *name).map(|slot| slot.kind.as_str());
        Ok(Self {
            object_id: user.id.to_string(),
            username: name.to_string(),
            email: user.email.clone(),
            role: user.role.as_str(),
            grants: state.environments.iter().filter_map(grant).collect(),
            recipient: user.keys.recipient.to_string(),
            slots: slots.collect(),
            created_at: user.added.to_string(),
            updated_at: user.updated.to_string(),
            added_by: user.added_by.to_string(),
            issued_by: user.issue.as_ref().map(|issue| issue.by.to_string()),
        })
    }

    /// The rights in words: `writes dev; reads prod`.
    pub fn rights(&self) -> String {
        self.rights_in_words(false)
    }

    /// The same, with no more names than a line of a terminal takes well.
    pub fn short_rights(&self) -> String {
        self.rights_in_words(true)
    }

    fn rights_in_words(&self, is_short: bool) -> String {
        let with = |right: &str, verb: &str| {
            let grants = self.grants.iter().filter(|grant| grant.right == right);
            let names: Vec<_> = grants.map(|grant| &*grant.environment).collect();
            (!names.is_empty()).then(|| format!("{verb} {}", several(&names, is_short)))
        };
        let parts: Vec<String> = [with("write", "writes"), with("read", "reads")].into_iter().flatten().collect();
        if parts.is_empty() { "reads nothing".to_owned() } else { parts.join("; ") }
    }
}

/// A right on an environment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Grant {
    /// The environment's name.
    pub environment: String,
    /// `read` or `write`.
    pub right: &'static str,
}

/// What a command prints that makes keys for a user: each is shown once.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Keys<'a> {
    /// Whose they are.
    pub user: User,
    /// For `VAULT_KEY`, or to join with; nothing if the user made the keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<&'a str>,
    /// Opens the vault when the passphrase is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_key: Option<&'a str>,
}

/// A change of the roster.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RosterChange {
    /// The hash of the signed change.
    pub object_id: String,
    /// Its number, from 1.
    pub version: u32,
    /// Who signed it.
    pub author: String,
    /// By the author's clock. RFC 3339, UTC.
    pub created_at: String,
    /// `create`, `add-user`, `remove-user`, `set-role`, `replace-keys`, `add-environment`, `remove-environment`, `grant`
    /// or `revoke`.
    pub change: &'static str,
    /// The user it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// What it says, in words.
    pub description: String,
}

impl RosterChange {
    /// A change of this roster.
    pub fn new(roster: &Roster, statement: &Statement) -> Self {
        let draft = &statement.draft;
        Self {
            object_id: roster.hash_at(statement.version).map(|hash| hash.to_string()).unwrap_or_default(),
            version: statement.version,
            author: draft.author.to_string(),
            created_at: draft.happened().to_string(),
            change: draft.change.word(),
            username: statement.about().map(ToString::to_string),
            description: statement.describe(),
        }
    }
}

/// An item that a user could read, or an environment with whatever is in it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Exposure {
    /// Who could read it.
    pub user: String,
    /// The environment's name.
    pub environment: String,
    /// The item's name; nothing for whatever is in an environment that can't be looked into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `secret`, `variable` or `api-key`; nothing if the item is not known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// From when on it could be read. RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Until when; nothing while it can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How often the logs at hand say that it was handed out.
    pub reads: usize,
    /// When last. RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_read: Option<String>,
    /// Whether the value that could be read is in use still; nothing if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_use: Option<bool>,
    /// Why that is not known: `unreadable` (you can't read the environment), `removed` (the environment was), or `gone`
    /// (there is no item of that name any more).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<&'static str>,
    /// Another item that the user could read, where this one has its value: `ENV/NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_of: Option<String>,
}

impl Exposure {
    /// What this user could read.
    #[must_use]
    pub fn new(user: &UserName, item: &Exposed) -> Self {
        let (in_use, unknown) = match item.fate {
            Fate::InUse => (Some(true), None),
            Fate::Replaced => (Some(false), None),
            Fate::Unreadable => (None, Some("unreadable")),
            Fate::Removed => (None, Some("removed")),
            Fate::Gone => (None, Some("gone")),
        };
        Self {
            user: user.to_string(),
            environment: item.environment.to_string(),
            name: item.name.clone(),
            kind: item.kind.map(Kind::as_str),
            from: item.from.map(|time| time.to_string()),
            until: item.until.map(|time| time.to_string()),
            reads: item.reads,
            last_read: item.last_read.as_ref().map(|(time, _)| time.to_string()),
            in_use,
            unknown,
            value_of: item.value_of.clone(),
        }
    }
}
