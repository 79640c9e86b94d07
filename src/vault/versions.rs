//! The files to be merged.

use super::location::Location;
use crate::file::{MAX_FILE, sides};
use crate::git::{Git, Stages, busy_work_tree};
use crate::merge::{Applied, Names};

/// The contents of the files to be merged.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    /// The common ancestor; `None` if it is unknown.
    pub base: Option<Vec<u8>>,
    /// The file that HEAD has.
    pub ours: Vec<u8>,
    /// The file that is being applied.
    pub theirs: Vec<u8>,
    /// What git is applying: a branch, a commit, a revert.
    pub applied: Applied,
    /// The commit or branch being applied, if git names one.
    pub applied_from: Option<String>,
    /// The names of the two sides.
    pub names: Names,
}

impl Versions {
    /// Returns the versions of the file in git's index, if git is waiting for a merge. A program is started only if an
    /// operation of git is in progress.
    pub(super) fn of_index(location: &Location) -> Option<Self> {
        let top = busy_work_tree(&location.real)?;
        let path = location.real.strip_prefix(top).ok()?;
        let git = Git::at(top);
        // Without an answer from git, the file is taken as it is.
        let Stages { base, ours: Some(ours), theirs: Some(theirs) } = git.unmerged(path, MAX_FILE).ok()?? else {
            return None;
        };
        let operation = git.operation().ok()?;
        let (applied, applied_from) =
            (Applied::by(operation), operation.map(|operation| operation.applied().to_owned()));
        Some(Self { base, ours, theirs, applied, applied_from, names: Names::default() })
    }

    /// Returns both sides of a file that has git's markers in it.
    #[must_use]
    pub fn of_markers(bytes: &[u8]) -> Option<Self> {
        let [ours, theirs] = sides(bytes)?;
        Some(Self { base: None, ours, theirs, applied: Applied::Branch, ..Self::default() })
    }
}
