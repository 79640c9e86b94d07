//! A file that git could not merge: both sides are in git's index, or between git's markers in the file.

use super::{Merge, Target, put_back};
use crate::error::{Error, Result, SystemStep};
use crate::file::MAX_FILE;
use crate::fs::{self, Stamp};
use crate::git::{Git, Operation, Stages, work_trees_above};
use crate::merge::{Applied, Names};
use crate::vault::location::Location;
use crate::vault::{Agreed, Settings, Versions};
use std::path::{Path, PathBuf};

/// A file that git could not merge, or a file that needs no merge.
pub struct Conflicted {
    path: PathBuf,
    stages: Option<Stages>,
    operation: Option<Operation>,
    names: Names,
    bytes: Vec<u8>,
    stamp: Stamp,
}

/// What there is to merge.
pub enum Unresolved {
    /// Nothing: the file has no conflict.
    Nothing,
    /// Nothing: the file was merged from these sides already, and maybe changed since. Merging again would drop what was
    /// saved since.
    Merged,
    /// Both sides.
    Sides(Box<Merge>),
}

impl Conflicted {
    /// Reads the file and, in a work tree, git's index.
    ///
    /// # Errors
    /// If the file can't be read, or git fails.
    pub fn find(path: &Path) -> Result<Self> {
        let real = std::fs::canonicalize(path).map_err(|error| Error::io("open", path, &error))?;
        let (bytes, stamp) = fs::read(&real, MAX_FILE)?;
        let top = work_trees_above(fs::parent(&real)).find(|top| Git::at(top).is_top().unwrap_or(true));
        let (path, names) = (path.to_owned(), Names::default());
        let Some(top) = top else { return Ok(Self { path, stages: None, operation: None, names, bytes, stamp }) };
        let git = Git::at(top);
        let stages = git.unmerged(real.strip_prefix(top).unwrap_or(&real), MAX_FILE)?;
        let operation = git.operation()?;
        let [ours, theirs] = git.side_names(operation);
        Ok(Self { path, stages, operation, names: Names { ours, theirs }, bytes, stamp })
    }

    /// Returns the operation that git has not finished, if there is one.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        self.operation
    }

    /// Returns whether git's index has the sides.
    #[must_use]
    pub fn is_in_index(&self) -> bool {
        self.stages.is_some()
    }

    /// Begins the merge of the sides, if they are not merged yet. Its result replaces the file.
    ///
    /// # Errors
    /// If one side removed the file; an integrity error as for [`Merge::of_files`].
    pub fn unresolved(&self, settings: &Settings) -> Result<Unresolved> {
        let Some(versions) = self.versions()? else { return Ok(Unresolved::Nothing) };
        let is_ours = self.bytes == versions.ours;
        let merge = Merge::begin(Location::resolve(&self.path)?, versions, Target::Vault(self.stamp), settings)?;
        Ok(match !is_ours && merge.is_merged_in(&self.bytes, settings) {
            true => Unresolved::Merged,
            false => Unresolved::Sides(Box::new(merge)),
        })
    }

    /// Returns the sides; `None` if there is nothing to merge.
    fn versions(&self) -> Result<Option<Versions>> {
        let Some(Stages { base, ours, theirs }) = &self.stages else {
            return Ok(Versions::of_markers(&self.bytes));
        };
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            let side = if ours.is_none() { "this branch" } else { "the change being applied" };
            let (remove, keep) = (SystemStep::RemoveFile(self.path.clone()), SystemStep::Track(self.path.clone()));
            return Err(Error::failed(format!("{side} removed the vault, and the other side changed it")).hint((
                "to remove it: ",
                remove,
                "; to keep it as it is now: ",
                keep,
            )));
        };
        Ok(Some(Versions {
            base: base.clone(),
            ours: ours.clone(),
            theirs: theirs.clone(),
            applied: Applied::by(self.operation),
            applied_from: self.operation.map(|operation| operation.applied().to_owned()),
            names: self.names.clone(),
            is_by_driver: false,
        }))
    }

    /// Looks at what would go if this branch's file is restored. git's index still has both sides then.
    ///
    /// # Errors
    /// If git's index does not have this branch's file.
    pub fn abort(&self) -> Result<Abort<'_>> {
        let Some(ours) = self.stages.as_ref().and_then(|stages| stages.ours.as_deref()) else {
            let name = self.path.file_name().map_or(&*self.path, Path::new);
            let error = Error::failed(format!("git has no conflict in {} to go back to", name.display()));
            return Err(error.hint(("if it was added already: ", SystemStep::CheckOutConflict(name.to_owned()))));
        };
        Ok(Abort { conflicted: self, ours })
    }
}

/// Going back to this branch's file, which was looked at, and that [`Agreed`] carries out.
pub struct Abort<'c> {
    conflicted: &'c Conflicted,
    ours: &'c [u8],
}

impl Abort<'_> {
    /// Returns whether the file has something that git's index does not have: a merge, and what was saved since. It would
    /// be gone.
    #[must_use]
    pub fn drops_changes(&self) -> bool {
        let bytes = &self.conflicted.bytes;
        bytes != self.ours && Versions::of_markers(bytes).is_none()
    }
}

impl Agreed<Abort<'_>> {
    /// Restores this branch's file.
    ///
    /// # Errors
    /// If the file was changed in the meantime, or can't be written.
    pub fn save(self) -> Result<()> {
        let Abort { conflicted, ours } = self.change();
        put_back(&conflicted.path, ours, conflicted.stamp)
    }
}
