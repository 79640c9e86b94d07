//! Finds the files in directories, except for git's own and those that git ignores.
//!
//! git runs once for each work tree, so a nested repository or submodule is read by its own rules. If no directory
//! contains `.git`, git does not run at all. A path may be longer than one system call accepts.

use super::directory::{Entry, list, open_long};
use super::{Ignore, Visitor};
use crate::error::Result;
use crate::git::{Git, Ignored, work_trees_above};
use rustix::fs::OFlags;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What was deliberately not read in directories.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// The number of files that git ignores; an ignored directory counts as one.
    pub ignored: usize,
    /// The number of files and directories that `.vaultignore` or the caller leaves out.
    pub excluded: usize,
    /// The number of links to something outside the named paths. The text of the links themselves was read.
    pub links: usize,
    /// The number of sockets, FIFOs and devices.
    pub special: usize,
    /// For each directory where git could not say what it ignores, the reason. There, everything was read.
    pub unasked: Vec<String>,
}

/// A work tree, and what git ignores in it.
struct WorkTree {
    top: PathBuf,
    ignored: Ignored,
}

/// A directory with the entries that were not visited yet.
struct Level {
    path: PathBuf,
    entries: std::vec::IntoIter<(OsString, Entry)>,
    tree: Option<Rc<WorkTree>>,
    /// The rules of the `.vaultignore` files in the work trees around it.
    rules: Rc<Ignore>,
}

/// A directory that the user named.
struct Root {
    named: PathBuf,
    /// The same path with links resolved.
    whole: PathBuf,
}

/// A walk through the named directories.
pub(super) struct Walk<'a> {
    /// The named paths, with links resolved.
    roots: Vec<PathBuf>,
    /// The vaults' files, by device and inode.
    vault_files: Vec<(u64, u64)>,
    /// The rules of the caller.
    ignore: &'a Ignore,
    left_out: LeftOut,
}

impl<'a> Walk<'a> {
    pub fn new(named: &[PathBuf], vault_files: Vec<(u64, u64)>, ignore: &'a Ignore) -> Self {
        let roots = named.iter().filter_map(|path| path.canonicalize().ok()).collect();
        Self { roots, vault_files, ignore, left_out: LeftOut::default() }
    }

    pub fn left_out(self) -> LeftOut {
        self.left_out
    }

    /// Passes every file in a named directory to the visitor, sorted by name.
    pub fn directory(&mut self, path: &Path, visitor: &mut Visitor<'_>) -> Result<()> {
        let root = Root { named: path.to_owned(), whole: path.canonicalize().unwrap_or_else(|_| path.to_owned()) };
        let top = work_trees_above(&root.whole).next();
        let mut rules = Ignore::default();
        rules.read(top.unwrap_or(&root.whole))?;
        let tree = if top.is_some() { self.work_tree(path) } else { None };
        // A user who names a directory that git ignores wants it read.
        let tree = tree.filter(|tree| !tree.ignored.is_whole());
        let mut levels = Vec::new();
        levels.extend(self.enter(path.to_owned(), (tree, Rc::new(rules)), None, visitor)?);
        while let Some(level) = levels.last_mut() {
            let Some((name, entry)) = level.entries.next() else {
                levels.pop();
                continue;
            };
            let (path, tree, rules) = (level.path.join(&name), level.tree.clone(), level.rules.clone());
            if self.excludes(&root, &rules, &path, matches!(entry, Entry::Directory)) {
                self.left_out.excluded += 1;
                continue;
            }
            if tree.as_ref().is_some_and(|tree| tree.ignores(&path)) {
                self.left_out.ignored += 1;
                continue;
            }
            match entry {
                Entry::Directory if name == ".git" => self.git_settings(&path, visitor)?,
                Entry::Directory => levels.extend(self.enter(path, (tree, rules), Some(&root), visitor)?),
                Entry::File => self.file(&path, visitor)?,
                Entry::Link(target) => {
                    self.left_out.links += usize::from(self.leads_out(&path));
                    visitor(shown(&path), Ok(&mut &target[..]))?;
                }
                Entry::Special => self.left_out.special += 1,
            }
        }
        Ok(())
    }

    /// Passes git's settings to the visitor, because they may hold a password. The versions that git keeps are left to
    /// `--history`.
    fn git_settings(&mut self, directory: &Path, visitor: &mut Visitor<'_>) -> Result<()> {
        for settings in ["config", "config.worktree"] {
            self.file(&directory.join(settings), visitor)?;
        }
        Ok(())
    }

    /// Returns whether the caller or a `.vaultignore` leaves a path out.
    fn excludes(&self, root: &Root, rules: &Ignore, path: &Path, is_directory: bool) -> bool {
        if rules.is_empty() && self.ignore.is_empty() {
            return false;
        }
        let path = root.whole(path);
        self.ignore.says(&path, is_directory).unwrap_or_else(|| rules.leaves_out(&path, is_directory))
    }

    /// Lists a directory: one in `root`, or the root itself if that is `None`. If it can't be listed, the visitor gets
    /// the error.
    fn enter(
        &mut self,
        path: PathBuf,
        (mut tree, mut rules): (Option<Rc<WorkTree>>, Rc<Ignore>),
        root: Option<&Root>,
        visitor: &mut Visitor<'_>,
    ) -> Result<Option<Level>> {
        let mut entries = Vec::new();
        if let Err(error) = list(&path, &mut entries) {
            visitor(shown(&path), Err(error))?;
        }
        if let Some(root) = root.filter(|_| entries.iter().any(|(name, _)| name == ".git")) {
            Rc::make_mut(&mut rules).read(&root.whole(&path))?;
            tree = self.work_tree(&path);
            if tree.as_ref().is_some_and(|tree| tree.ignored.is_whole()) {
                self.left_out.ignored += 1;
                return Ok(None);
            }
        }
        Ok(Some(Level { path, entries: entries.into_iter(), tree, rules }))
    }

    fn work_tree(&mut self, path: &Path) -> Option<Rc<WorkTree>> {
        match Git::at(path).ignored() {
            Ok(ignored) => Some(Rc::new(WorkTree { top: path.to_owned(), ignored })),
            Err(error) => {
                self.left_out.unasked.push(format!("{}: {error}", shown(path).display()));
                None
            }
        }
    }

    fn file(&mut self, path: &Path, visitor: &mut Visitor<'_>) -> Result<()> {
        // A FIFO may have replaced the file: without NONBLOCK, opening it would block.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
        let opened = open_long(path, flags).map(File::from).and_then(|file| file.metadata().map(|is| (file, is)));
        match opened {
            Ok((_, metadata)) if !metadata.is_file() => self.left_out.special += 1,
            Ok((_, metadata)) if self.vault_files.contains(&(metadata.dev(), metadata.ino())) => {}
            Ok((mut file, _)) => return visitor(shown(path), Ok(&mut file)),
            // The file was removed since it was listed: there is nothing to read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return visitor(shown(path), Err(error)),
        }
        Ok(())
    }

    /// Returns whether a link leads to something that is not read anyway. A dangling link leads to nothing.
    fn leads_out(&self, link: &Path) -> bool {
        link.canonicalize().is_ok_and(|target| !self.roots.iter().any(|root| target.starts_with(root)))
    }
}

impl Root {
    fn whole(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.named).map_or_else(|_| path.to_owned(), |below| self.whole.join(below))
    }
}

impl WorkTree {
    fn ignores(&self, path: &Path) -> bool {
        path.strip_prefix(&self.top).is_ok_and(|path| self.ignored.contains(path))
    }
}

/// Returns the path as people write it, without `./`.
fn shown(path: &Path) -> &Path {
    path.strip_prefix(".").ok().filter(|path| !path.as_os_str().is_empty()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::Mode;
    use std::os::fd::OwnedFd;

    /// Returns every file below a path, with its content or the error of reading it.
    fn walked(path: &Path) -> (Vec<(PathBuf, String)>, LeftOut) {
        let mut files = Vec::new();
        let ignore = Ignore::default();
        let mut walk = Walk::new(&[path.to_owned()], Vec::new(), &ignore);
        walk.directory(path, &mut |path, text| {
            let mut content = String::new();
            match text {
                Ok(text) => drop(text.read_to_string(&mut content).unwrap()),
                Err(error) => content = crate::error::reason(&error),
            }
            files.push((path.to_owned(), content));
            Ok(())
        })
        .unwrap();
        (files, walk.left_out())
    }

    #[test]
    fn three_thousand_directory_levels_are_read() {
        let root = tempfile::tempdir().unwrap();
        let mut here = OwnedFd::from(File::open(root.path()).unwrap());
        for _ in 0..3_000 {
            rustix::fs::mkdirat(&here, "deep", Mode::RWXU).unwrap();
            here = rustix::fs::openat(&here, "deep", OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
        }
        let flags = OFlags::WRONLY | OFlags::CREATE;
        rustix::io::write(rustix::fs::openat(&here, "file", flags, Mode::RUSR).unwrap(), b"at the end").unwrap();
        let (files, left_out) = walked(root.path());
        assert_eq!(files.len(), 1);
        assert!(files[0].0.as_os_str().len() > 15_000 && files[0].1 == "at the end", "{}", files[0].1);
        assert_eq!(left_out, LeftOut::default());
        // The library's function for removing a directory needs one open descriptor per level.
        assert!(std::process::Command::new("rm").arg("-rf").arg(root.path().join("deep")).status().unwrap().success());
    }

    #[test]
    fn other_file_types_are_counted_and_a_links_target_path_is_read_but_not_followed() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let at = |name: &str| root.path().join(name);
        std::fs::write(at("file"), "text").unwrap();
        std::os::unix::fs::symlink("file", at("inside")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), at("outside")).unwrap();
        std::os::unix::fs::symlink("nowhere", at("dangling")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        std::fs::write(elsewhere.path().join("other"), "not read").unwrap();
        let (files, left_out) = walked(root.path());
        let read: Vec<_> = files.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(read, ["nowhere", "text", "file", elsewhere.path().to_str().unwrap()]);
        assert_eq!(left_out, LeftOut { links: 1, special: 1, ..LeftOut::default() });
    }
}
