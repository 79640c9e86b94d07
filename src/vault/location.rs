//! Where the file of a vault is.

use crate::error::{Error, Reason, Remedy, Result, SystemStep};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where a file is.
#[derive(Debug, Clone)]
pub(super) struct Location {
    /// The path as it was given: absolute, without following links.
    pub asked: PathBuf,
    /// The path with links resolved.
    pub real: PathBuf,
}

impl Location {
    pub fn resolve(path: &Path) -> Result<Self> {
        let cannot = |error: &std::io::Error| match error.kind() {
            ErrorKind::NotFound => Error::new(Reason::NoVault, format!("there is no vault at {}", path.display()))
                .hint(("to create one: ", Remedy::Create)),
            _ => Error::io("open", path, error),
        };
        let real = std::fs::canonicalize(path).map_err(|error| cannot(&error))?;
        let absolute = std::path::absolute(path).map_err(|error| cannot(&error))?;
        Ok(Self { asked: crate::path::without_dots(&absolute), real })
    }

    /// Returns the step that lists the commits of the file.
    pub fn git_log(&self) -> SystemStep {
        SystemStep::ListCommits(self.real.clone())
    }

    /// Returns whether a directory above the file holds `.git`.
    pub fn is_in_git_work_tree(&self) -> bool {
        self.real.ancestors().skip(1).any(|directory| directory.join(".git").exists())
    }
}
