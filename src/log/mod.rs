//! The access log: sealed entries that somebody who takes over the machine can neither read nor change
//! (vault-format(5)).
//!
//! Each entry is encrypted under its own key. The next key is derived from it, and then the key file holds only the
//! next one, so today's key opens no past entry. The first key of a segment is kept encrypted to the user and the
//! admins, who can read and verify everything. Anchors inside the encrypted environments show when the end was cut off.

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
pub use logs::{DeviceLog, Logs};
pub use query::{Query, Reach, Subject};
pub use read::read;
pub use reading::{Archived, Extent, Line, Problem, Reading, Remembered, SegmentEnd, is_signed};
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

/// Opens a binary age file for who reads the log, by their keys or by an agent that has them; `None` if it is not for them.
pub type Opener<'a> = dyn Fn(&[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> + 'a;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done, or values are about to be handed out.
    Ok,
    /// The user had no right to it.
    Denied,
    /// It did not work, for example with a wrong passphrase.
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

/// What one entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When, by this machine's clock: set as the entry is written.
    pub time: Time,
    /// What.
    pub action: Action,
    /// On which environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Which items, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<TextPart>,
    /// The id of the list of items, if it is long: entries behind this one in the segment give it in the place of the names
    /// ([`Line::items`]). Set as the entry is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// For which program: the name of the command for `exec`, `sh` for the command of `rotate`, else `vault`.
    #[serde(serialize_with = "crate::redact::serde_text::serialize")]
    pub program: String,
    /// On which machine.
    pub host: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What the user gave as a reason.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::redact::serde_option::serialize"
    )]
    pub reason: Option<String>,
    /// What there is to say beside: whom a change was about, why it was refused, that an unfinished entry was cut.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::redact::serde_option::serialize"
    )]
    pub note: Option<String>,
    /// Which segments were archived, signed by the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Box<Statement>>,
}

/// The program of an entry that hands nothing to another one.
const OURS: &str = "vault";

impl Entry {
    /// An entry about this program itself, now, on this machine, that went well.
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

    /// The same entry about this environment.
    #[must_use]
    pub fn environment(mut self, name: &crate::name::EnvironmentName) -> Self {
        self.environment = Some(name.to_string());
        self
    }

    /// The same entry about these items.
    #[must_use]
    pub fn items<N: ToString>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.items = names.into_iter().map(|name| name.to_string().into()).collect();
        self
    }

    /// The same entry with a note: of whom it was about, or why it was refused. Never a value.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// The same entry with another outcome.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Whether values of its items were about to be handed out: by an action that does, or to another program, as
    /// `rotate --command` does.
    #[must_use]
    pub fn handed_out(&self) -> bool {
        self.outcome == Outcome::Ok && (self.action.gives_values() || self.program != OURS)
    }
}

/// Notes that unlocking failed, and gives the error back: in the user's log if there is one, else in a file that proves
/// nothing but helps. An error of another kind is no attempt.
pub fn failed_unlock(writer: Option<&Writer>, state: &Path, entry: Entry, error: Error) -> Error {
    if error.kind() != Kind::Unlock {
        return error;
    }
    let entry = entry.outcome(Outcome::Failed);
    let logged = match writer.filter(|writer| writer.exists()) {
        Some(writer) => writer.append(vec![entry], None),
        None => note_failed_unlock(state, &entry),
    };
    // The attempt gave nothing away; that it could not be noted must not hide why it failed.
    let _ = logged;
    error
}

/// Notes a failed unlock where there is no log yet, in a file that proves nothing: anybody of this user can write it. It
/// stops growing at 1 MiB.
///
/// # Errors
/// If it can't be written.
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

/// The failed unlocks that [`note_failed_unlock`] noted; lines that can't be read are left out.
///
/// # Errors
/// If the file can't be read.
pub fn failed_unlocks(state: &Path) -> Result<Vec<Entry>> {
    let path = state.join(FAILED_UNLOCKS);
    let bytes = crate::fs::read_if_there(&path, 2 * 1024 * 1024)?.unwrap_or_default();
    Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

const FAILED_UNLOCKS: &str = "failed-unlocks";

/// The users who have, or had, a log in this state directory of a vault.
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

/// The names in a directory, and which of them are directories; none where there is none.
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

/// The directory of a user's log within the vault's state directory.
fn directory(state: &Path, user: &UserName) -> PathBuf {
    state.join(LOGS).join(user.as_str())
}

#[cfg(test)]
mod tests;
