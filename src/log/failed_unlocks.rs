//! Failed unlocks, which are logged even while there is no log.

use super::action::Action;
use super::append::Writer;
use super::caller::Caller;
use super::entry::{Entry, Outcome};
use crate::error::{Error, Kind, Result};
use std::path::Path;

/// Logs that unlocking failed, and returns `error`. The entry goes into the user's log if there is one, otherwise into a
/// file that proves nothing but may help. Only an unlock error counts as an attempt.
pub(crate) fn failed_unlock(writer: Option<&Writer>, state: &Path, caller: &Caller, error: Error) -> Error {
    if error.kind() != Kind::Unlock {
        return error;
    }
    let entry = caller.entry(Action::Unlock).outcome(Outcome::Failed);
    let logged = match writer.filter(|writer| writer.exists()) {
        Some(writer) => writer.append_unsigned(entry),
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
fn note_failed_unlock(state: &Path, entry: &Entry) -> Result<()> {
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

/// Returns the failed unlocks that were recorded while there was no log. Skips lines that can't be parsed.
///
/// # Errors
/// If the file can't be read.
pub fn failed_unlocks(state: &Path) -> Result<Vec<Entry>> {
    let path = state.join(FAILED_UNLOCKS);
    let bytes = crate::fs::read_if_there(&path, 2 * 1024 * 1024)?.unwrap_or_default();
    Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

const FAILED_UNLOCKS: &str = "failed-unlocks";
