//! Asks git about the files of a work tree.

use super::Git;
use crate::error::Result;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Paths in one repository.
#[derive(Debug, Clone)]
pub struct InRepository {
    /// The repository.
    pub git: Git,
    /// Its work tree, as the caller named it; empty for the caller's own.
    pub at: PathBuf,
    /// The paths in it that were named; empty for all.
    pub paths: Vec<PathBuf>,
}

/// Groups paths by the repository that tracks them. Files in a submodule or a nested repository belong to that one, not
/// to the repository around it. A path need not exist any more.
#[must_use]
pub fn by_repository(paths: &[PathBuf]) -> Vec<InRepository> {
    let callers = || InRepository { git: Git::of_the_caller(), at: PathBuf::new(), paths: Vec::new() };
    if paths.is_empty() {
        return vec![callers()];
    }
    let here = std::env::current_dir().unwrap_or_default();
    let callers_top = work_trees_above(&here).next().map(Path::to_owned);
    let mut repositories: Vec<(Option<PathBuf>, InRepository)> = Vec::new();
    for path in paths {
        let whole = resolved(path);
        let top = work_trees_above(&whole).next().map(Path::to_owned).filter(|top| callers_top.as_ref() != Some(top));
        let found = repositories.iter().position(|(known, _)| *known == top).unwrap_or_else(|| {
            let repository = top.as_ref().map_or_else(callers, |top| nested(top, path, &whole));
            repositories.push((top.clone(), repository));
            repositories.len() - 1
        });
        let below = top.as_ref().map_or(path.as_path(), |top| whole.strip_prefix(top).unwrap_or(path));
        // The top itself is named by a dot, because an empty path would mean everything.
        let below = if below.as_os_str().is_empty() { Path::new(".") } else { below };
        repositories[found].1.paths.push(below.to_owned());
    }
    repositories.into_iter().map(|(_, repository)| repository).collect()
}

/// Returns the repository at `top`. `whole` is `path` without links, so `top` is as far above `path` as above `whole`.
fn nested(top: &Path, path: &Path, whole: &Path) -> InRepository {
    let below = whole.strip_prefix(top).unwrap_or(Path::new(""));
    let mut at = path;
    for name in below.iter().rev() {
        match at.parent().filter(|_| at.file_name() == Some(name)) {
            Some(parent) => at = parent,
            // `path` goes through a link.
            None => return InRepository { git: Git::at(top), at: top.to_owned(), paths: Vec::new() },
        }
    }
    InRepository { git: Git::at(top), at: at.to_owned(), paths: Vec::new() }
}

/// Resolves links in a path, as far as the path exists.
fn resolved(path: &Path) -> PathBuf {
    let above = path.ancestors().find_map(|above| Some((above, present(above).canonicalize().ok()?)));
    above.map_or_else(
        || path.to_owned(),
        |(above, found)| match path.strip_prefix(above) {
            Ok(rest) if !rest.as_os_str().is_empty() => found.join(rest),
            _ => found,
        },
    )
}

/// Returns the path, or `.` for an empty one.
fn present(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

/// Returns the directories from this path upward that contain `.git`, nearest first: the work trees around it. Doesn't
/// ask git.
pub fn work_trees_above(path: &Path) -> impl Iterator<Item = &Path> {
    path.ancestors().filter(|directory| directory.join(".git").symlink_metadata().is_ok())
}

/// The paths under a directory that git ignores: untracked, and excluded by a pattern.
#[derive(Debug, Default)]
pub struct Ignored {
    /// Relative to the directory. A directory that is ignored as a whole stands for everything in it.
    paths: HashSet<PathBuf>,
    is_whole: bool,
}

impl Ignored {
    /// Whether this path, relative to the directory, is itself ignored. A path inside an ignored directory is not listed.
    #[must_use]
    pub fn contains(&self, path: &Path) -> bool {
        self.paths.contains(path)
    }

    /// Whether the directory itself is ignored, or everything in it.
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
    /// Returns the paths under the directory that git ignores.
    ///
    /// # Errors
    /// If git fails, for example because the work tree belongs to another user.
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

    /// Whether the directory is in a work tree. It is not in a bare repository, such as in a server's hook.
    ///
    /// # Errors
    /// If git fails, for example because there is no repository.
    pub fn is_in_work_tree(&self) -> Result<bool> {
        Ok(self.call(["rev-parse", "--is-inside-work-tree"]).line()? == b"true")
    }

    /// Whether the directory is the top of a work tree, and doesn't just contain something called `.git`.
    ///
    /// # Errors
    /// If git fails, for example because the work tree belongs to another user.
    pub fn is_top(&self) -> Result<bool> {
        Ok(self.call(["rev-parse", "--show-prefix"]).line()?.is_empty())
    }

    /// Returns the number of submodules in the index.
    ///
    /// # Errors
    /// If git fails.
    pub fn submodules(&self) -> Result<usize> {
        let up = self.call(["rev-parse", "--show-cdup"]).line()?;
        let top = if up.is_empty() { OsStr::new(".") } else { OsStr::from_bytes(&up) };
        let list = self.call(["ls-files", "-z", "--stage", "--"].map(OsStr::new).into_iter().chain([top])).output()?;
        Ok(list.split(|byte| *byte == 0).filter(|entry| entry.starts_with(b"160000 ")).count())
    }

    /// Returns the path of the hooks.
    ///
    /// # Errors
    /// If git fails, for example because there is no repository.
    pub fn hooks(&self) -> Result<PathBuf> {
        let line = self.call_with_hooks(["rev-parse", "--git-path", "hooks"], true).line()?;
        Ok(OsStr::from_bytes(&line).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_ignored_files_has_directories_without_a_slash() {
        let ignored = Ignored::parse(b"node_modules/\0a\nb.o\0only/\0only/k.o\0");
        assert!(ignored.contains(Path::new("node_modules")) && ignored.contains(Path::new("a\nb.o")));
        assert!(!ignored.contains(Path::new("node_modules/x")) && !ignored.is_whole());
        assert!(Ignored::parse(b"./\0").is_whole());
    }
}
