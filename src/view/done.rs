//! What commands report of what they did, with `--json`.

use crate::name::UserName;
use serde::Serialize;

/// What `import` did, or with `--dry-run` would do.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// The environment's name.
    pub environment: String,
    /// The names of new items.
    pub added: Vec<String>,
    /// The names of items with a new value.
    pub changed: Vec<String>,
    /// The names of items that had the value already.
    pub same: Vec<String>,
    /// What is to be said about the file, by line.
    pub notes: Vec<String>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// A random value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Generated {
    /// The value.
    pub value: String,
    /// How hard it is to guess: the logarithm of the number of tries, rounded down.
    pub entropy_bits: u64,
}

/// What `verify` found to be valid.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// The vault's id.
    pub object_id: String,
    /// The number of roster changes.
    pub roster_version: u32,
    /// The hash of the last one.
    pub roster_hash: String,
    /// The environments' names.
    pub environments: Vec<String>,
    /// Those of them that wait for the next save by somebody who writes them.
    pub pending: Vec<String>,
    /// What changed since the revision that was named, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<String>>,
}

/// What `log verify` found to be authentic.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogVerification {
    /// Whose log it is.
    pub user: String,
    /// The file it is in; left out for the log on this device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The number of entries.
    pub entries: u64,
    /// The number of segments.
    pub segments: usize,
    /// How many entries before them are not here, because they were archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<u64>,
    /// When the last of those were archived: RFC 3339, UTC; left out where that can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<String>,
    /// How many of them are sealed to keys that are no longer held.
    pub sealed: usize,
    /// How many of the last entries no anchor covers yet.
    pub uncovered: u64,
    /// The numbers of entries dated before the one above them.
    pub clock_steps: Vec<u64>,
    /// How many bytes of an unfinished entry stand at the end, which the next entry cuts off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<u64>,
}

/// What was moved out of a log.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogArchive {
    /// Whose log it is.
    pub user: String,
    /// The archive; left out if there was nothing to archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The number of entries in it.
    pub entries: u64,
    /// The number of segments.
    pub segments: u32,
    /// The number of the first entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// The number of the last entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// How many more entries from before that time did not fit: they are in the next file, or still in the log.
    pub left: u64,
}

/// What somebody who wants to join gives to an admin.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The user's name.
    pub username: String,
    /// Public keys, for `user add --keys`.
    pub keys: String,
}

/// What has to be done after users lost rights.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Lost {
    /// Who lost them.
    pub users: Vec<String>,
    /// The items whose values they knew, as ENV/NAME.
    pub rotate: Vec<String>,
    /// The environments that wait for the next save by somebody who writes them.
    pub pending: Vec<String>,
}

impl Lost {
    /// What these users could read until they lost it.
    #[must_use]
    pub fn new(users: &[UserName], lost: &[crate::vault::Lost]) -> Self {
        let (mut rotate, mut pending) = (Vec::new(), Vec::new());
        for crate::vault::Lost { environment, marked, .. } in lost {
            match marked {
                Some(names) => rotate.extend(names.iter().map(|name| format!("{environment}/{name}"))),
                None => pending.push(environment.to_string()),
            }
        }
        Self { users: users.iter().map(ToString::to_string).collect(), rotate, pending }
    }
}

/// What a machine needs to accept no older file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pin {
    /// The value for VAULT_PIN.
    pub pin: String,
}

/// What is allowed on this device.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Allowed {
    /// The vault's id.
    pub object_id: String,
    /// The file.
    pub path: String,
    /// Whether shells with the hook set its variables.
    pub shells: bool,
    /// The dangerous names that commands get, per environment.
    pub names: Vec<AllowedNames>,
}

/// The dangerous names that commands get from an environment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AllowedNames {
    /// The environment's name.
    pub environment: String,
    /// The names.
    pub names: Vec<String>,
}
