//! Finds out where a file is in git.

use crate::error::{Error, Remedy, Result};
use crate::file::MAX_FILE;
use crate::git::{AtRevision, Git, work_trees_above};
use crate::path::{parent, without_dots};
use std::path::{Path, PathBuf};

/// A file of a repository.
#[derive(Debug)]
pub struct InGit {
    git: Git,
    /// The path from the top of the repository.
    path: PathBuf,
    /// The top of the work tree, if there is one.
    top: Option<PathBuf>,
    /// The tops of the work trees around that one, if it is nested, for example as a submodule.
    outer: Vec<PathBuf>,
}

impl InGit {
    /// Returns the place of a file in a work tree. `asked` is its absolute path, without following links.
    ///
    /// # Errors
    /// A usage error if it is in no work tree.
    pub(crate) fn containing(asked: &Path) -> Result<Self> {
        let mut tops = work_trees_above(parent(asked)).filter(|top| Git::at(top).is_top().unwrap_or(true));
        let Some(top) = tops.next() else {
            return Err(Error::usage(format!("{} is not in a git work tree", asked.display()))
                .hint(("this needs git's history; name the file in a clone: ", Remedy::UseVault("FILE".to_owned()))));
        };
        Ok(Self {
            git: Git::at(top),
            path: below(asked, top),
            top: Some(top.to_owned()),
            outer: tops.map(Path::to_owned).collect(),
        })
    }

    /// Returns the place of a file of the repository that the current directory is in. In a bare repository, and in a
    /// hook on a server, the path starts at the top of the repository.
    ///
    /// # Errors
    /// A usage error for a path that leads elsewhere; a failure with git's message.
    pub fn of_the_caller(path: &Path) -> Result<Self> {
        let git = Git::of_the_caller();
        if git.is_in_work_tree()? {
            let absolute = std::path::absolute(path).map_err(|error| Error::io("find", path, &error))?;
            return Self::containing(&without_dots(&absolute));
        }
        if path.is_absolute() {
            return Err(Error::usage(format!("{} is not a path in this repository", path.display())).hint((
                "there is no work tree here; name the file by its path in the repository: ",
                Remedy::UseVault("FILE".to_owned()),
            )));
        }
        Ok(Self { git, path: without_dots(path), top: None, outer: Vec::new() })
    }

    /// Returns the repository.
    pub(super) fn git(&self) -> &Git {
        &self.git
    }

    /// Returns the file's path from the top of the repository.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether the path, or a directory between it and the top of the work tree, is a link.
    pub(super) fn is_behind_a_link(&self) -> bool {
        let Some(mut place) = self.top.clone() else { return false };
        self.path.components().any(|component| {
            place.push(component);
            place.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
        })
    }

    /// Returns the path of the file itself, if this path leads to it through links in the work tree.
    pub(super) fn behind_the_link(&self) -> Option<PathBuf> {
        let top = self.top.as_ref()?.canonicalize().ok()?;
        let real = top.join(&self.path).canonicalize().ok()?;
        real.strip_prefix(&top).ok().map(Path::to_owned)
    }

    /// Refuses a file in a nested repository, such as a submodule, that takes the place of a file of an outer
    /// repository. The nested repository has its own history, which says nothing about that file.
    pub(super) fn check_outer(&self, reference: &str) -> Result<()> {
        let Some(inner) = &self.top else { return Ok(()) };
        for top in &self.outer {
            let path = below(&inner.join(&self.path), top);
            let Ok(revision) = Git::at(top).revision(reference) else { continue };
            if revision.read(&path, MAX_FILE)? != AtRevision::Absent {
                let (path, top) = (path.display(), top.display());
                return Err(Error::integrity(format!(
                    "{path} was a file of {top} at {reference}, but now belongs to another repository"
                ))
                .hint("a submodule's history says nothing about that file: put the file itself back"));
            }
        }
        Ok(())
    }
}

fn below(path: &Path, top: &Path) -> PathBuf {
    path.strip_prefix(top).unwrap_or(path).to_owned()
}
