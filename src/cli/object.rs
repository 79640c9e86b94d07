//! The data dictionary: the objects that `--json` prints and `vault schema` describes (DESIGN section 8).

mod done;

pub use done::{Generated, Import, LogVerification, Lost, Pin, Request, Verification};

use serde::Serialize;
use vault::file::Slot;
use vault::item::{Item, Kind, Version as ItemVersion};
use vault::log::Line;
use vault::name::{EnvironmentName, UserName};
use vault::roster::State;

/// An item of any kind. The value is there only where values were asked for.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Secret {
    /// Stays when the item is renamed.
    pub object_id: String,
    /// The user who created it.
    pub owner: String,
    /// Unique in its environment.
    pub name: String,
    /// The value: UTF-8 text, or base64 where `encoding` says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `base64` for a value that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// `secret`, `variable` or `api-key`.
    pub kind: &'static str,
    /// The environment's name.
    pub environment: String,
    /// Counts the values from 1.
    pub version: u32,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
    /// The user who changed it last.
    pub updated_by: String,
    /// Who issued an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// When the value stops working.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// When a replacement is or was due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotate_due: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Words to find it by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

impl Secret {
    /// An item without its value.
    pub fn new(environment: &EnvironmentName, item: &Item) -> Self {
        Self {
            object_id: item.id(environment),
            owner: item.owner.to_string(),
            name: item.name.to_string(),
            value: None,
            encoding: None,
            kind: item.metadata.kind.as_str(),
            environment: environment.to_string(),
            version: item.current.number,
            created_at: item.created_at.to_string(),
            updated_at: item.updated_at.to_string(),
            updated_by: item.updated_by.to_string(),
            provider: item.metadata.provider.clone(),
            expires_at: item.metadata.expires_at.map(|time| time.to_string()),
            rotate_due: item.due().map(|time| time.to_string()),
            note: item.metadata.note.clone(),
            tags: item.metadata.tags.clone(),
        }
    }

    /// The same with a value.
    pub fn with_value(mut self, value: &[u8]) -> Self {
        let (text, encoding) = text_of(value);
        (self.value, self.encoding) = (Some(text), encoding);
        self
    }
}

/// UTF-8 as it is, anything else as base64.
pub fn text_of(value: &[u8]) -> (String, Option<&'static str>) {
    use base64::Engine as _;
    match std::str::from_utf8(value) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (base64::engine::general_purpose::STANDARD.encode(value), Some("base64")),
    }
}

/// One value of an item.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// The item's, and the number.
    pub object_id: String,
    /// Counts the values from 1.
    pub version: u32,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// The user who set it.
    pub created_by: String,
    /// Whether it is the value now.
    pub current: bool,
    /// The value, where values were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `base64` for a value that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
}

impl Version {
    /// A version of an item, without its value.
    pub fn new(environment: &EnvironmentName, item: &Item, version: &ItemVersion) -> Self {
        Self {
            object_id: format!("{}/{}", item.id(environment), version.number),
            version: version.number,
            created_at: version.set_at.to_string(),
            created_by: version.set_by.to_string(),
            current: version.number == item.current.number,
            value: None,
            encoding: None,
        }
    }
}

/// An entry of the access log.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccessLog {
    /// The hash of the sealed entry.
    pub object_id: String,
    /// Its number in the log, from 1.
    pub number: u64,
    /// The names of the items.
    pub secrets: Vec<String>,
    /// Whose use it was.
    pub user: String,
    /// RFC 3339, UTC.
    pub access_time: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// The command.
    pub action: String,
    /// Where one was concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The program that was run, or `vault`.
    pub program: String,
    /// The machine.
    pub host: String,
    /// The device's own name: 16 random bytes in hexadecimal.
    pub device: String,
    /// `ok`, `denied` or `failed`.
    pub outcome: String,
    /// What the user gave as a reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the log itself has to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl AccessLog {
    /// An authentic entry.
    pub fn new(line: &Line) -> Self {
        let entry = &line.entry;
        Self {
            object_id: line.hash.to_string(),
            number: line.number,
            secrets: entry.items.clone(),
            user: line.user.to_string(),
            access_time: entry.time.to_string(),
            created_at: entry.time.to_string(),
            action: entry.action.word(),
            environment: entry.environment.clone(),
            program: entry.program.clone(),
            host: entry.host.clone(),
            device: line.device.clone(),
            outcome: entry.outcome.to_string(),
            reason: entry.reason.clone(),
            note: entry.note.clone(),
        }
    }
}

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

/// A right on an environment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Grant {
    /// The environment's name.
    pub environment: String,
    /// `read` or `write`.
    pub right: &'static str,
}

impl User {
    /// A user of this vault as it is now.
    pub fn new(vault: &vault::vault::Vault, name: &UserName) -> vault::Result<Self> {
        Self::of(vault.roster().state(), &vault.file().slots, name)
    }

    /// A user as a roster and slots have it.
    pub fn of(state: &State, slots: &[Slot], name: &UserName) -> vault::Result<Self> {
        let user = state.user(name)?;
        let grant = |(environment, of): (&EnvironmentName, &vault::roster::Environment)| {
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

    /// The rights in words: `reads prod; writes dev`.
    pub fn rights(&self) -> String {
        let with = |right: &str, verb: &str| {
            let names: Vec<_> =
                self.grants.iter().filter(|grant| grant.right == right).map(|grant| &*grant.environment).collect();
            (!names.is_empty()).then(|| format!("{verb} {}", names.join(", ")))
        };
        let parts: Vec<String> = [with("write", "writes"), with("read", "reads")].into_iter().flatten().collect();
        if parts.is_empty() { "reads nothing".to_owned() } else { parts.join("; ") }
    }
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

/// An item in which two environments differ.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// The item's name.
    pub name: String,
    /// The environment that has it; where both do, their values differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_in: Option<String>,
}

/// Something that `check` or `scan` found. It never holds a value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// `missing`, `extra`, `empty`, `expired`, or `leak`.
    pub problem: &'static str,
    /// The environment's name.
    pub environment: String,
    /// The item's name.
    pub name: String,
    /// The file it was found in, or that needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// How the value is written there: `plain`, `line`, `base64`, `hex`, `url`, `json` or `shell`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// The git commit that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl Finding {
    /// A problem with an item, nowhere in particular.
    pub fn new(problem: &'static str, environment: &EnvironmentName, name: &str) -> Self {
        let (environment, name) = (environment.to_string(), name.to_owned());
        Self { problem, environment, name, file: None, line: None, encoding: None, commit: None }
    }
}

/// An error, on standard error.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorObject {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorDetail {
    /// `failed`, `usage`, `not-found`, `unlock`, `denied`, `integrity` or `busy`.
    pub code: &'static str,
    /// The exit code.
    pub exit: u8,
    /// One line.
    pub message: String,
    /// What can be done.
    pub hint: String,
}

/// What lists show of a value: variables whole, the last 4 characters of long API keys, of secrets nothing.
pub fn shown(kind: Kind, value: &[u8]) -> String {
    const LONG: usize = 20;
    let text = String::from_utf8_lossy(value);
    match kind {
        Kind::Variable => text.into_owned(),
        Kind::ApiKey if text.chars().count() >= LONG => {
            let last: Vec<char> = text.chars().rev().take(4).collect();
            format!("…{}", last.into_iter().rev().collect::<String>())
        }
        Kind::Secret | Kind::ApiKey => "•••".to_owned(),
    }
}
