//! Where the sides of a merge come from: git's index, or git's markers in the file.

use super::tell;
use crate::cli::unlocking::context::Context;
use std::path::Path;
use std::process::ExitCode;
use vault::file::{self, MAX_FILE};
use vault::fs::{self, Stamp};
use vault::git::{Git, Operation, Stages, work_trees_above};
use vault::path::shell_word;
use vault::vault::{Merge, Settings, Versions};
use vault::{Error, Result};

/// What there is to merge, if anything.
pub struct Source {
    stages: Option<Stages>,
    operation: Option<Operation>,
    bytes: Vec<u8>,
    stamp: Stamp,
}

impl Source {
    /// Looks at the file and, in a work tree, at git's index.
    pub fn find(path: &Path) -> Result<Self> {
        let real = std::fs::canonicalize(path).map_err(|error| Error::io("open", path, &error))?;
        let (bytes, stamp) = fs::read(&real, MAX_FILE)?;
        let top = work_trees_above(fs::parent(&real)).find(|top| Git::at(top).is_top().unwrap_or(true));
        let Some(top) = top else { return Ok(Self { stages: None, operation: None, bytes, stamp }) };
        let git = Git::at(top);
        let stages = git.unmerged(real.strip_prefix(top).unwrap_or(&real), MAX_FILE)?;
        Ok(Self { stages, operation: git.operation()?, bytes, stamp })
    }

    /// Whether the file at hand is what a merge of these made, changed since or not: to merge again would drop what was saved
    /// since.
    pub fn is_merged(&self, path: &Path, versions: &Versions, settings: &Settings) -> Result<bool> {
        if self.bytes == versions.ours {
            return Ok(false);
        }
        Ok(Merge::begin(path, versions.clone(), settings)?.is_merged_in(&self.bytes, settings))
    }

    /// The sides, and which file they are to replace.
    pub fn versions(&self) -> Result<Option<(Versions, Stamp)>> {
        if let Some(Stages { base, ours, theirs }) = &self.stages {
            let (Some(ours), Some(theirs)) = (ours, theirs) else {
                let side = if ours.is_none() { "this branch" } else { "the change being applied" };
                return Err(Error::failed(format!("{side} removed the vault, and the other side changed it"))
                    .hint("git rm removes it; to keep it as it is now: git add"));
            };
            let versions = Versions { base: base.clone(), ours: ours.clone(), theirs: theirs.clone() };
            return Ok(Some((versions, self.stamp)));
        }
        let Some([ours, theirs]) = file::sides(&self.bytes) else { return Ok(None) };
        Ok(Some((Versions { base: None, ours, theirs }, self.stamp)))
    }

    /// Puts this branch's file back; git's index still has both sides.
    pub fn abort(&self, path: &Path, context: &Context) -> Result<ExitCode> {
        let name = tell::file_name(path);
        let Some(ours) = self.stages.as_ref().and_then(|stages| stages.ours.as_ref()) else {
            return Err(Error::failed(format!("git has no conflict in {name} to go back to"))
                .hint(format!("if it was added already: git checkout --merge -- {}", shell_word(Path::new(&name)))));
        };
        vault::vault::put_back(path, ours, self.stamp)?;
        context.ui.done(&format!("{name} is as this branch has it; nothing of the merge is left in it."));
        let abort = self.operation.map(|operation| format!("; to give up all of it: git {} --abort", operation.word()));
        context.ui.hint(&format!("to merge it after all: vault merge{}", abort.unwrap_or_default()));
        Ok(ExitCode::SUCCESS)
    }

    /// What comes after the merge.
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

/// A file that was named.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read_named(path, MAX_FILE)
}
