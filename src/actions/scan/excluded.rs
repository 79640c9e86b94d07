//! The paths that are left out in git's versions.

use crate::error::{Error, Result};
use crate::git::work_trees_above;
use crate::scan::Ignore;
use std::path::{Path, PathBuf};

/// The paths that are left out in git's versions. The current `.vaultignore` of the work tree applies to all
/// commits.
pub(super) struct Excluded {
    top: PathBuf,
    ignore: Ignore,
}

impl Excluded {
    /// Adds the caller's rules to those of the work tree around a directory.
    pub fn read(directory: &Path, by_caller: &Ignore) -> Result<Self> {
        let directory = directory.canonicalize().map_err(|error| Error::io("find", directory, &error))?;
        let top = work_trees_above(&directory).next().unwrap_or(&directory).to_owned();
        let mut ignore = Ignore::default();
        ignore.read(&top)?;
        Ok(Self { top, ignore: ignore.followed_by(by_caller) })
    }

    pub fn has(&self, path: &str) -> bool {
        !self.ignore.is_empty() && self.ignore.leaves_out_file(&self.top, Path::new(path))
    }
}
