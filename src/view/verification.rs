//! The results of `verify` and `log verify`.

use crate::log::Reading;
use crate::name::UserName;
use crate::vault::Saved;
use serde::Serialize;
use std::path::Path;

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

impl Verification {
    /// Returns the object for a file whose signatures are valid. `changes` are in words.
    #[must_use]
    pub fn new(saved: &Saved, changes: Option<Vec<String>>) -> Self {
        let head = saved.roster().head();
        Self {
            object_id: saved.id().to_string(),
            roster_version: head.version,
            roster_hash: head.hash.to_string(),
            environments: saved.environments().map(ToString::to_string).collect(),
            pending: saved.pending().map(|pending| pending.name.to_string()).collect(),
            changes,
        }
    }
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

impl LogVerification {
    /// Returns the object for a user's log. `file` has the log, unless it is the one on this device.
    #[must_use]
    pub fn new(user: &UserName, file: Option<&Path>, reading: &Reading) -> Self {
        Self {
            user: user.to_string(),
            file: file.map(|file| file.display().to_string()),
            entries: reading.entries,
            segments: reading.segments,
            archived: reading.archived.map(|archived| archived.last),
            archived_at: reading.archived.and_then(|archived| archived.time).map(|time| time.to_string()),
            sealed: reading.sealed,
            uncovered: reading.uncovered,
            clock_steps: reading.clock_steps.clone(),
            unfinished: reading.unfinished,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::Sandbox;
    use crate::log::Extent;

    #[test]
    fn the_result_for_a_valid_file_has_its_roster() {
        let sandbox = Sandbox::new();
        let vault = sandbox.session.vault();
        let object = Verification::new(&vault.saved().unwrap(), Some(vec!["mia saved dev".to_owned()]));
        assert_eq!((object.object_id, object.roster_version), (vault.id().to_string(), vault.roster().head().version));
        assert_eq!(object.roster_hash, vault.roster().head().hash.to_string());
        assert_eq!(object.environments, ["dev", "prod"]);
        assert_eq!((object.pending.len(), object.changes.map_or(0, |changes| changes.len())), (0, 1));
    }

    #[test]
    fn the_result_for_an_authentic_log_has_its_entries() {
        let sandbox = Sandbox::with(&["dev/A=1"]);
        let session = &sandbox.session;
        let reading = session.read_log_of(session.user(), Extent::Checked).unwrap();
        let here = LogVerification::new(session.user(), None, &reading);
        assert_eq!((here.user.as_str(), here.file, here.entries), ("mia", None, sandbox.log().len() as u64));
        assert_eq!((here.segments, here.sealed, here.archived, here.unfinished), (1, 0, None, None));
        let file = LogVerification::new(session.user(), Some(Path::new("log.txt")), &reading).file;
        assert_eq!(file.as_deref(), Some("log.txt"));
    }
}
