//! What git knows about the files of a work tree.

use super::Git;
use crate::error::Result;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Whether this directory is the top of a repository or submodule, and not of the one around the working directory.
#[must_use]
pub fn is_nested(path: &Path) -> bool {
    let is_top = path.join(".git").symlink_metadata().is_ok();
    let around = std::fs::canonicalize(path).ok().zip(std::env::current_dir().ok());
    is_top && around.is_some_and(|(path, here)| !here.starts_with(path))
}

/// The directories from this path upward that hold `.git`, the nearest first: the work trees that it is in. Nothing is
/// asked of git.
pub fn work_trees_above(path: &Path) -> impl Iterator<Item = &Path> {
    path.ancestors().filter(|directory| directory.join(".git").symlink_metadata().is_ok())
}

/// What git ignores under a directory: untracked, and excluded by a pattern.
#[derive(Debug, Default)]
pub struct Ignored {
    /// Relative to the directory; a directory that is ignored whole stands for all that is in it.
    paths: HashSet<PathBuf>,
    is_whole: bool,
}

impl Ignored {
    /// Whether this path, relative to the directory, is ignored itself. One in an ignored directory is not listed.
    #[must_use]
    pub fn contains(&self, path: &Path) -> bool {
        self.paths.contains(path)
    }

    /// Whether the directory itself is ignored, or nothing in it is not.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    fn parse(list: &[u8]) -> Self {
        let mut ignored = Self::default();
        for path in list.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
            match path.strip_suffix(b"/").unwrap_or(path) {
                b"." => ignored.is_whole = true,
                path => drop(ignored.paths.insert(PathBuf::from(OsStr::from_bytes(path)))),
            }
        }
        ignored
    }
}

impl Git {
    /// What git ignores under the directory.
    ///
    /// # Errors
    /// If git fails, for example because the work tree is another user's.
    pub fn ignored(&self) -> Result<Ignored> {
        let options = ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
        Ok(Ignored::parse(&self.call(options).output()?))
    }

    /// Whether git tracks the file of this name in the directory.
    #[must_use]
    pub fn tracks(&self, name: &OsStr) -> bool {
        let options = ["ls-files", "--error-unmatch", "--"].map(OsStr::new);
        self.call(options.into_iter().chain([name])).succeeds()
    }

    /// Whether the directory is the top of a work tree, and doesn't only hold something that is called `.git`.
    ///
    /// # Errors
    /// If git fails, for example because the work tree is another user's.
    pub fn is_top(&self) -> Result<bool> {
        Ok(self.call(["rev-parse", "--show-prefix"]).line()?.is_empty())
    }

    /// How many submodules the index has.
    ///
    /// # Errors
    /// If git fails.
    pub fn submodules(&self) -> Result<usize> {
        let up = self.call(["rev-parse", "--show-cdup"]).line()?;
        let top = if up.is_empty() { OsStr::new(".") } else { OsStr::from_bytes(&up) };
        let list = self.call(["ls-files", "-z", "--stage", "--"].map(OsStr::new).into_iter().chain([top])).output()?;
        Ok(list.split(|byte| *byte == 0).filter(|entry| entry.starts_with(b"160000 ")).count())
    }

    /// Where the hooks are.
    ///
    /// # Errors
    /// If git fails: there may be no repository.
    pub fn hooks(&self) -> Result<PathBuf> {
        let line = self.call_with_hooks(["rev-parse", "--git-path", "hooks"], true).line()?;
        Ok(OsStr::from_bytes(&line).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_what_is_ignored_names_directories_without_their_slash() {
        let ignored = Ignored::parse(b"node_modules/\0a\nb.o\0only/\0only/k.o\0");
        assert!(ignored.contains(Path::new("node_modules")) && ignored.contains(Path::new("a\nb.o")));
        assert!(!ignored.contains(Path::new("node_modules/x")) && !ignored.is_whole());
        assert!(Ignored::parse(b"./\0").is_whole());
    }
}
