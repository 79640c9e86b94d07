//! Finds the sides of a merge: in git's index, or between git's conflict markers in the file.

use super::tell;
use crate::cli::unlocking::context::Context;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::file::MAX_FILE;
use vault::fs::{self, Stamp};
use vault::git::{Git, Operation, Stages, work_trees_above};
use vault::name::shown;
use vault::path::shell_word;
use vault::vault::{Applied, Merge, Names, Settings, Versions};
use vault::{Error, Result};

/// The longest name of a change that is shown, in characters.
const LONGEST_NAME: usize = 60;

/// What there is to merge, if anything.
pub struct Source {
    stages: Option<Stages>,
    operation: Option<Operation>,
    names: Names,
    bytes: Vec<u8>,
    stamp: Stamp,
}

impl Source {
    /// Reads the file and, in a working tree, git's index.
    pub fn find(path: &Path) -> Result<Self> {
        let real = std::fs::canonicalize(path).map_err(|error| Error::io("open", path, &error))?;
        let (bytes, stamp) = fs::read(&real, MAX_FILE)?;
        let top = work_trees_above(fs::parent(&real)).find(|top| Git::at(top).is_top().unwrap_or(true));
        let names = Names::default();
        let Some(top) = top else { return Ok(Self { stages: None, operation: None, names, bytes, stamp }) };
        let git = Git::at(top);
        let stages = git.unmerged(real.strip_prefix(top).unwrap_or(&real), MAX_FILE)?;
        let operation = git.operation()?;
        let [ours, theirs] = git.side_names(operation);
        Ok(Self { stages, operation, names: Names { ours, theirs }, bytes, stamp })
    }

    /// Returns whether the current file was already merged from these versions, and maybe changed since. Merging again
    /// would drop what was saved since.
    pub fn is_merged(&self, path: &Path, versions: &Versions, settings: &Settings) -> Result<bool> {
        if self.bytes == versions.ours {
            return Ok(false);
        }
        Ok(Merge::begin(path, versions.clone(), settings)?.is_merged_in(&self.bytes, settings))
    }

    /// Returns the sides, and which file the merge is to replace.
    pub fn versions(&self) -> Result<Option<(Versions, Stamp)>> {
        if let Some(Stages { base, ours, theirs }) = &self.stages {
            let (Some(ours), Some(theirs)) = (ours, theirs) else {
                let side = if ours.is_none() { "this branch" } else { "the change being applied" };
                return Err(Error::failed(format!("{side} removed the vault, and the other side changed it"))
                    .hint("git rm removes it; to keep it as it is now: git add"));
            };
            let (base, ours, theirs) = (base.clone(), ours.clone(), theirs.clone());
            let (applied, names) = (Applied::by(self.operation), self.names.clone());
            let applied_from = self.operation.map(|operation| operation.applied().to_owned());
            return Ok(Some((Versions { base, ours, theirs, applied, applied_from, names }, self.stamp)));
        }
        Ok(Versions::of_markers(&self.bytes).map(|versions| (versions, self.stamp)))
    }

    /// Restores this branch's file. git's index still has both sides.
    pub fn abort(&self, path: &Path, context: &Context) -> Result<ExitCode> {
        let name = tell::file_name(path);
        let Some(ours) = self.stages.as_ref().and_then(|stages| stages.ours.as_ref()) else {
            return Err(Error::failed(format!("git has no conflict in {name} to go back to"))
                .hint(format!("if it was added already: git checkout --merge -- {}", shell_word(Path::new(&name)))));
        };
        vault::vault::put_back(path, ours, self.stamp)?;
        context.ui.done(&format!("{name} is back as this branch has it, without anything from the merge."));
        let abort = self.operation.map(|operation| format!("; to give up all of it: git {} --abort", operation.word()));
        context.ui.hint(&format!("to merge it after all: vault merge{}", abort.unwrap_or_default()));
        Ok(ExitCode::SUCCESS)
    }

    /// Returns what to type after the merge.
    pub fn next_command(&self, path: &Path) -> String {
        let file = tell::from_here(path);
        if self.stages.is_none() {
            return format!("git add {file}, then commit it");
        }
        match self.operation {
            Some(operation) => format!("git add {file} && git {} --continue", operation.word()),
            None => format!("git add {file}"),
        }
    }
}

/// Reads three files that the user named: base, ours, theirs.
pub fn named(files: [&PathBuf; 3]) -> Result<Versions> {
    let [base, ours, theirs] = files.map(|file| fs::read_named(file, MAX_FILE));
    Ok(Versions { base: Some(base?), ours: ours?, theirs: theirs?, applied: Applied::File, ..Versions::default() })
}

/// Reads three files from git, and takes git's labels for them.
pub fn labelled(files: [&Path; 3], path: &Path, labels: &[OsString]) -> Result<Versions> {
    let [base, ours, theirs] = files.map(|file| fs::read_named(file, MAX_FILE));
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
    Ok(Versions { base: Some(base?), ours: ours?, theirs: theirs?, applied, applied_from, names })
}

/// Returns the name of the change from git's label. The label may be a branch, a commit's title, or an id. For an id,
/// this returns its branch or title.
fn name_of(label: &str, git: Option<&Git>) -> Option<String> {
    let is_id = label.len() >= 40 && label.bytes().all(|byte| byte.is_ascii_hexdigit());
    match (label, git) {
        ("" | "%Y", _) => None,
        (id, Some(git)) if is_id => git.branch_at(id).or_else(|| git.title(id)),
        _ => {
            let plain = match label.strip_prefix("parent of ") {
                Some(commit) => format!("the revert of {commit}"),
                None => label.to_owned(),
            };
            Some(shown(&plain, LONGEST_NAME))
        }
    }
}
