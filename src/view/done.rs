//! The results of commands, as `--json` reports them.

use crate::name::UserName;
use serde::Serialize;

/// What `import` did, or would do with `--dry-run`.
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
    /// Remarks about the file, in the order of its lines.
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
    /// How hard it is to guess: the base-2 logarithm of the number of guesses, rounded down.
    pub entropy_bits: u64,
}

/// The result of a successful `verify`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// The vault's id.
    pub object_id: String,
    /// The number of roster changes.
    pub roster_version: u32,
    /// The hash of the last roster change.
    pub roster_hash: String,
    /// The environments' names.
    pub environments: Vec<String>,
    /// The environments that wait for the next save by a user who can write them.
    pub pending: Vec<String>,
    /// The changes since the given revision, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<String>>,
}

/// The result of a successful `log verify`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogVerification {
    /// The user whose log it is.
    pub user: String,
    /// The file that has the log; absent for the log on this device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The number of entries.
    pub entries: u64,
    /// The number of segments.
    pub segments: usize,
    /// How many earlier entries are missing because they were archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<u64>,
    /// When the last of them were archived: RFC 3339, UTC; absent if that can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<String>,
    /// How many segments are sealed to keys that you no longer hold.
    pub sealed: usize,
    /// How many of the last entries are not covered by an anchor yet.
    pub uncovered: u64,
    /// The numbers of entries that are dated before the previous entry.
    pub clock_steps: Vec<u64>,
    /// The size of an unfinished entry at the end, in bytes. The next entry removes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<u64>,
}

/// The result of `log archive`.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogArchive {
    /// The user whose log it is.
    pub user: String,
    /// The archive; absent if there was nothing to archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The number of entries in the archive.
    pub entries: u64,
    /// The number of segments in the archive.
    pub segments: u32,
    /// The number of the first entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// The number of the last entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// How many more entries from before the given time did not fit. They are in the next file, or still in the log.
    pub left: u64,
}

/// The keys that somebody who wants to join sends to an admin.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The user's name.
    pub username: String,
    /// The public keys, for `user add --keys`.
    pub keys: String,
}

/// What has to be done after users lost rights.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Lost {
    /// The users who lost rights.
    pub users: Vec<String>,
    /// The items to rotate, because the users knew their values: `ENV/NAME`.
    pub rotate: Vec<String>,
    /// The environments that wait for the next save by a user who can write them.
    pub pending: Vec<String>,
}

impl Lost {
    /// Returns the object for what these users could read before.
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

/// The pin with which a machine rejects older files.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pin {
    /// The value for VAULT_PIN.
    pub pin: String,
}

/// The permissions on this device.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Allowed {
    /// The vault's id.
    pub object_id: String,
    /// The vault's file.
    pub path: String,
    /// Whether shells with the hook set the variables of this vault.
    pub shells: bool,
    /// The dangerous names that commands may get, by environment.
    pub names: Vec<AllowedNames>,
}

/// The dangerous names that commands may get from an environment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AllowedNames {
    /// The environment's name.
    pub environment: String,
    /// The names.
    pub names: Vec<String>,
}
