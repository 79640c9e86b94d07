//! The access log. Somebody who takes over the machine can neither read nor change its past entries (vault-format(5)).
//!
//! Each entry is encrypted under its own key, and each key is derived from the one before. The key file holds only the
//! next key, which opens no past entry. A segment's first key is stored encrypted to the user and the admins, who can
//! read and verify everything. Anchors in the encrypted environments reveal that entries were cut off at the end.

mod action;
mod append;
mod archive;
mod device;
mod end;
mod export;
mod files;
mod frames;
mod join;
mod key;
mod line;
mod lists;
mod logs;
mod query;
mod read;
mod reading;
mod segment;
mod signer;
mod stamps;
mod statement;
mod stats;
mod stretch;
mod together;
mod walk;
mod writers;

pub use action::Action;
pub use append::Writer;
pub use archive::{Archive, MAX_ARCHIVE, ReadBack};
pub use export::{Exported, Form, MAX_EXPORT, open as open_export, reseal};
pub use join::Joint;
pub use line::Line;
pub use logs::{DeviceLog, Logs};
pub use query::{Query, Reach, Subject};
pub use read::read;
pub use reading::{Archived, Extent, Problem, Reading, Remembered, SegmentEnd, is_signed};
pub use segment::Header as SegmentHeader;
pub(crate) use segment::SegmentKeys;
pub use signer::Signer;
pub use stamps::{Stamp, stamps};
pub use statement::Statement;
pub use stats::{Counter, Stats, Tally};
pub use stretch::Lines;

use crate::error::{Error, Kind, Result};
use crate::name::UserName;
use crate::secret::TextPart;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Decrypts a binary age file with the reader's keys, or with an agent that holds them; `None` if it is not encrypted to
/// them.
pub type Opener<'a> = dyn Fn(&[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> + 'a;

/// How the action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It succeeded, or values are about to be handed out.
    Ok,
    /// The user had no right to do it.
    Denied,
    /// It failed, for example because of a wrong passphrase.
    Failed,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Denied => "denied",
            Self::Failed => "failed",
        })
    }
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When the entry was written, by this machine's clock. Set on writing.
    pub time: Time,
    /// What was done.
    pub action: Action,
    /// The environment, if the action concerns one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The names of the items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<TextPart>,
    /// The id of the list of items, if the list is long. Later entries in the segment give the id instead of the names
    /// ([`Line::items`]). Set on writing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// The program that was given values: the command's name for `exec`, `sh` for `rotate --command`, otherwise `vault`.
    #[serde(serialize_with = "crate::redact::serde_text::serialize")]
    pub program: String,
    /// The name of the machine.
    pub host: String,
    /// How the action ended.
    pub outcome: Outcome,
    /// The reason that the user gave.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::redact::serde_option::serialize"
    )]
    pub reason: Option<String>,
    /// Anything else: the user whom a change affected, why it was refused, or that an unfinished entry was removed.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::redact::serde_option::serialize"
    )]
    pub note: Option<String>,
    /// The user's signed statement about the archived segments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Box<Statement>>,
}

/// The program of an entry that gives no other program a value.
const OURS: &str = "vault";

impl Entry {
    /// Returns an entry for an action of `vault` itself, now, on this machine, that succeeded.
    #[must_use]
    pub fn new(action: Action) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self {
            time: Time::now(),
            action,
            environment: None,
            items: Vec::new(),
            list: None,
            program: OURS.to_owned(),
            host,
            outcome: Outcome::Ok,
            reason: None,
            note: None,
            archive: None,
        }
    }

    /// Returns the entry with this environment.
    #[must_use]
    pub fn environment(mut self, name: &crate::name::EnvironmentName) -> Self {
        self.environment = Some(name.to_string());
        self
    }

    /// Returns the entry with these items.
    #[must_use]
    pub fn items<N: ToString>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.items = names.into_iter().map(|name| name.to_string().into()).collect();
        self
    }

    /// Returns the entry with a note, such as the affected user or the reason of a refusal. A note never contains a
    /// value.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Returns the entry with this outcome.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Whether the values of the entry's items were about to be handed out: the action always does so, or another program
    /// was given them, as with `rotate --command`.
    #[must_use]
    pub fn handed_out(&self) -> bool {
        self.outcome == Outcome::Ok && (self.action.gives_values() || self.program != OURS)
    }
}

/// Logs that unlocking failed, and returns `error`. The entry goes into the user's log if there is one, otherwise into a
/// file that proves nothing but may help. Only an unlock error counts as an attempt.
pub fn failed_unlock(writer: Option<&Writer>, state: &Path, entry: Entry, error: Error) -> Error {
    if error.kind() != Kind::Unlock {
        return error;
    }
    let entry = entry.outcome(Outcome::Failed);
    let logged = match writer.filter(|writer| writer.exists()) {
        Some(writer) => writer.append(vec![entry], None),
        None => note_failed_unlock(state, &entry),
    };
    // The attempt gave nothing away. A failure to log it must not hide why unlocking failed.
    let _ = logged;
    error
}

/// Records a failed unlock while there is no log yet. The file proves nothing, because any process of this user can write
/// it. It stops growing at 1 MiB.
///
/// # Errors
/// If the file can't be written.
pub fn note_failed_unlock(state: &Path, entry: &Entry) -> Result<()> {
    const MOST: u64 = 1024 * 1024;
    crate::fs::create_state_directory(state)?;
    let path = state.join(FAILED_UNLOCKS);
    if std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.len() >= MOST) {
        return Ok(());
    }
    let mut line = serde_json::to_vec(entry).unwrap_or_default();
    line.push(b'\n');
    crate::fs::append_private(&path, &line)
}

/// Returns the failed unlocks that [`note_failed_unlock`] recorded. Skips lines that can't be parsed.
///
/// # Errors
/// If the file can't be read.
pub fn failed_unlocks(state: &Path) -> Result<Vec<Entry>> {
    let path = state.join(FAILED_UNLOCKS);
    let bytes = crate::fs::read_if_there(&path, 2 * 1024 * 1024)?.unwrap_or_default();
    Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

const FAILED_UNLOCKS: &str = "failed-unlocks";

/// Returns the users who have, or had, a log in this state directory of a vault.
///
/// # Errors
/// If the directory can't be read.
pub fn users_here(state: &Path) -> Result<Vec<UserName>> {
    let mut users = BTreeSet::new();
    for (name, is_directory) in names_in(&state.join(LOGS))? {
        users.extend(UserName::new(name).ok().filter(|_| is_directory));
    }
    for (name, _) in names_in(state)? {
        let user = name.strip_prefix(device::PREFIX);
        users.extend(user.and_then(|user| UserName::new(user).ok()));
    }
    Ok(users.into_iter().collect())
}

/// Returns the names in a directory, and whether each is a directory; none if the directory doesn't exist.
fn names_in(directory: &Path) -> Result<Vec<(String, bool)>> {
    let failed = |error: &io::Error| Error::io("read", directory, error);
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| failed(&error))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed(&error))?;
        let is_directory = entry.file_type().map_err(|error| failed(&error))?.is_dir();
        names.extend(entry.file_name().into_string().ok().map(|name| (name, is_directory)));
    }
    Ok(names)
}

const LOGS: &str = "log";

/// Returns the directory of a user's log in the vault's state directory.
fn directory(state: &Path, user: &UserName) -> PathBuf {
    state.join(LOGS).join(user.as_str())
}

#[cfg(test)]
mod tests;
