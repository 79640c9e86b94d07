//! The files to be merged.

use super::location::Location;
use crate::error::{Error, Result};
use crate::file::{MAX_FILE, sides};
use crate::fs::{self, Stamp};
use crate::git::{Git, Operation, Stages, busy_work_tree, is_commit_id, work_trees_above};
use crate::merge::{Applied, Names};
use crate::name::shown;
use std::ffi::OsString;
use std::path::Path;

/// The longest name of a change that is shown, in characters.
const LONGEST_NAME: usize = 60;

/// The contents of the files to be merged.
#[derive(Debug, Clone, Default)]
pub(super) struct Versions {
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
    /// Whether git merges them on its own, with vault as its merge driver. Then nobody can decide anything.
    pub(super) is_by_driver: bool,
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
        Some(Self { base, ours, theirs, applied, applied_from, ..Self::default() })
    }

    /// Returns both sides of a file that has git's markers in it.
    pub(super) fn of_markers(bytes: &[u8]) -> Option<Self> {
        let [ours, theirs] = sides(bytes)?;
        Some(Self { base: None, ours, theirs, applied: Applied::Branch, ..Self::default() })
    }

    /// Reads three files that the user named: base, ours, theirs.
    ///
    /// # Errors
    /// If one of them can't be read.
    pub(super) fn of_files(files: [&Path; 3]) -> Result<Self> {
        let [base, ours, theirs] = files.map(|file| fs::read_named(file, MAX_FILE));
        Ok(Self { base: Some(base?), ours: ours?, theirs: theirs?, applied: Applied::File, ..Self::default() })
    }

    /// Reads the three files that git gives its merge driver: see [`Merge::of_driver`](super::Merge::of_driver). Returns the
    /// stamp of the file that git wants the result in, too.
    ///
    /// # Errors
    /// If one of them can't be read.
    pub(super) fn of_driver(files: [&Path; 3], path: &Path, labels: &[OsString]) -> Result<(Self, Stamp)> {
        let [base, ours, theirs] = files;
        let [base, theirs] = [base, theirs].map(|file| fs::read_named(file, MAX_FILE));
        let (ours, stamp) = fs::read(ours, MAX_FILE)?;
        let label = |place: usize| labels.get(place).map(|label| label.to_string_lossy()).unwrap_or_default();
        let absolute = std::path::absolute(path).map_err(|error| Error::io("find", path, &error))?;
        let git = work_trees_above(fs::parent(&absolute)).next().map(Git::at);
        let is_rebase =
            || git.as_ref().is_some_and(|git| git.operation().is_ok_and(|found| found == Some(Operation::Rebase)));
        let applied = match Applied::by_labels(&label(0), &label(2)) {
            Applied::Unknown if is_rebase() => Applied::Change,
            applied => applied,
        };
        let names = Names {
            ours: git.as_ref().and_then(|git| git.current_branch().or_else(|| git.branch_at(&git.onto()?))),
            theirs: name_of(&label(2), git.as_ref()),
        };
        let applied_from = Applied::from_label(&label(2)).map(str::to_owned);
        let (base, theirs) = (Some(base?), theirs?);
        Ok((Self { base, ours, theirs, applied, applied_from, names, is_by_driver: true }, stamp))
    }
}

/// Returns the name of the change from git's label. The label may be a branch, a commit's title, or an id. For an id,
/// this returns its branch or title.
fn name_of(label: &str, git: Option<&Git>) -> Option<String> {
    match (label, git) {
        ("" | "%Y", _) => None,
        (id, Some(git)) if is_commit_id(id) => git.branch_at(id).or_else(|| git.title(id)),
        _ => {
            let plain = match label.strip_prefix("parent of ") {
                Some(commit) => format!("the revert of {commit}"),
                None => label.to_owned(),
            };
            Some(shown(&plain, LONGEST_NAME))
        }
    }
}
