//! Where a file is in git.

use crate::error::{Error, Remedy, Result};
use crate::file::MAX_FILE;
use crate::git::{AtRevision, Git, work_trees_above};
use crate::path::{parent, without_dots};
use std::path::{Path, PathBuf};

/// A file of a repository.
#[derive(Debug)]
pub struct InGit {
    git: Git,
    /// From the top of the repository.
    path: PathBuf,
    /// The top of the work tree, if there is one.
    top: Option<PathBuf>,
    /// The tops of the work trees around that one, if it is a submodule or the like.
    outer: Vec<PathBuf>,
}

impl InGit {
    /// A file in a work tree, by its absolute path, of which no link was followed.
    ///
    /// # Errors
    /// A usage error if it is in none.
    pub fn of(asked: &Path) -> Result<Self> {
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

    /// A file of the repository that the current directory is in. In a bare one, and in a hook of a server, its path goes
    /// from the top of the repository.
    ///
    /// # Errors
    /// A usage error for a path that leads elsewhere; a failure in git's words.
    pub fn of_the_caller(path: &Path) -> Result<Self> {
        let git = Git::of_the_caller();
        if git.is_in_work_tree()? {
            let absolute = std::path::absolute(path).map_err(|error| Error::io("find", path, &error))?;
            return Self::of(&without_dots(&absolute));
        }
        if path.is_absolute() {
            return Err(Error::usage(format!("{} is not a path in this repository", path.display())).hint((
                "there is no work tree here; name the file by its path in the repository: ",
                Remedy::UseVault("FILE".to_owned()),
            )));
        }
        Ok(Self { git, path: without_dots(path), top: None, outer: Vec::new() })
    }

    /// The repository.
    pub(super) fn git(&self) -> &Git {
        &self.git
    }

    /// The file's path from the top of the repository.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path, or a directory on the way to it from the top of the work tree, is a link.
    pub(super) fn is_behind_a_link(&self) -> bool {
        let Some(mut place) = self.top.clone() else { return false };
        self.path.components().any(|component| {
            place.push(component);
            place.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
        })
    }

    /// The path of the file itself, where this one leads to it through links in the work tree.
    pub(super) fn behind_the_link(&self) -> Option<PathBuf> {
        let top = self.top.as_ref()?.canonicalize().ok()?;
        let real = top.join(&self.path).canonicalize().ok()?;
        real.strip_prefix(&top).ok().map(Path::to_owned)
    }

    /// A repository of its own, such as a submodule, has a history of its own: it must not stand where the one above had a
    /// file.
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
