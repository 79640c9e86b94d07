//! Users and rights: who has access now, and who had it before.

use crate::file::Slot;
use crate::item::Kind;
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Roster, State, Statement};
use crate::vault::{Exposed, Fate};
use crate::words::several;
use serde::Serialize;

/// A user: a person or a machine. There is no password here or in the file: a passphrase only derives a key.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The hash of the roster change that added the user: a later user of the same name has another id.
    pub object_id: String,
    /// The user's name, unique in the vault.
    pub username: String,
    /// The email address, if one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `admin` or `member`.
    pub role: &'static str,
    /// The rights, by environment.
    pub grants: Vec<Grant>,
    /// The public key that environments are encrypted to: `age1...`.
    pub recipient: String,
    /// How the user unlocks the vault: `passphrase` or `key`, one word per slot.
    pub slots: Vec<&'static str>,
    /// When the user was added: RFC 3339, UTC.
    pub created_at: String,
    /// When role, rights or keys last changed: RFC 3339, UTC.
    pub updated_at: String,
    /// The user who added this user.
    pub added_by: String,
    /// The user who made the current keys and has seen them, until this user replaces them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_by: Option<String>,
}

impl User {
    /// Returns a user of this vault.
    pub fn new(vault: &crate::vault::Vault, name: &UserName) -> crate::Result<Self> {
        Self::from_state(vault.roster().state(), &vault.file().slots, name)
    }

    /// Returns a user of an earlier state of the roster. Only the current slots are known, so there are none.
    pub fn as_of(state: &State, name: &UserName) -> crate::Result<Self> {
        Self::from_state(state, &[], name)
    }

    /// Returns a user of a roster, with these slots.
    pub fn from_state(state: &State, slots: &[Slot], name: &UserName) -> crate::Result<Self> {
        let user = state.user(name)?;
        let grant = |(environment, entry): (&EnvironmentName, &crate::roster::Environment)| {
            let right = entry.grants.get(name)?.as_str();
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

    /// Returns the rights in words: `writes dev; reads prod`.
    pub fn rights(&self) -> String {
        self.rights_in_words(false)
    }

    /// Returns the rights in words, with no more names than fit on a line of a terminal.
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

/// The output of a command that makes keys for a user. Each key is shown once.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Keys<'a> {
    /// The user with the keys.
    pub user: User,
    /// The key for `VAULT_KEY` or for joining; absent if the user made the keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<&'a str>,
    /// The recovery key, which opens the vault if the passphrase is lost.
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
    /// The number of the change, from 1.
    pub version: u32,
    /// The user who signed the change.
    pub author: String,
    /// When it was made, by the author's clock: RFC 3339, UTC.
    pub created_at: String,
    /// `create`, `add-user`, `remove-user`, `set-role`, `replace-keys`, `add-environment`, `remove-environment`,
    /// `grant`, `revoke` or `set-environment`.
    pub change: &'static str,
    /// The user who is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The change in words.
    pub description: String,
}

impl RosterChange {
    /// Returns the object for a change of this roster.
    pub fn new(roster: &Roster, statement: &Statement) -> Self {
        let draft = &statement.draft;
        Self {
            object_id: roster.hash_at(statement.version).map(|hash| hash.to_string()).unwrap_or_default(),
            version: statement.version,
            author: draft.author.to_string(),
            created_at: draft.happened().to_string(),
            change: draft.change.word(),
            username: statement.affected_user().map(ToString::to_string),
            description: statement.describe(),
        }
    }
}

/// An item that a user could read, or an environment with unknown items.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Exposure {
    /// The user who could read it.
    pub user: String,
    /// The environment's name.
    pub environment: String,
    /// The item's name; absent if it stands for all items of an environment that can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `secret`, `variable` or `api-key`; absent if the item is not known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// When the user could first read it: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// When the user lost access; absent if the user still has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How often the item was handed out, according to the available logs; absent if there are none of this user, or if
    /// it stands for all items of an environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reads: Option<usize>,
    /// When it was last handed out: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_read: Option<String>,
    /// Whether the value that the user could read is still in use; absent if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_use: Option<bool>,
    /// Why that is not known: `unreadable` (you can't read the environment), `removed` (the environment was removed),
    /// or `gone` (no item has that name any more).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<&'static str>,
    /// Another item that the user could read and that has the same value: `ENV/NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_of: Option<String>,
}

impl Exposure {
    /// Returns the object for an item that this user could read.
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
