//! The files of directories: all but git's own, and what git ignores.
//!
//! git is asked once for each work tree that is met, so a nested repository and a submodule are read by their own rules; where
//! no directory holds `.git` it is not asked at all. A path may be longer than the system takes at once.

use super::{Ignore, Visitor};
use crate::error::Result;
use crate::git::{Git, Ignored, work_trees_above};
use crate::ordered::InOrder as _;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What was not looked at in directories, by design.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Files that git ignores; a directory that it ignores counts as one.
    pub ignored: usize,
    /// Files and directories that `.vaultignore` or the caller leaves out.
    pub excluded: usize,
    /// Links to something outside of what was named. Their own text was read.
    pub links: usize,
    /// Sockets, FIFOs and devices.
    pub special: usize,
    /// Why git could not say what it ignores, by directory: there, everything was read.
    pub unasked: Vec<String>,
}

/// One directory entry.
enum Entry {
    Directory,
    File,
    /// With where it leads.
    Link(Vec<u8>),
    Special,
}

/// What git ignores, and where that was asked.
struct WorkTree {
    top: PathBuf,
    ignored: Ignored,
}

/// A directory of which some entries were not handed out yet.
struct Level {
    path: PathBuf,
    entries: std::vec::IntoIter<(OsString, Entry)>,
    tree: Option<Rc<WorkTree>>,
    /// What the `.vaultignore` of the work trees around it say.
    rules: Rc<Ignore>,
}

/// A directory that was named.
struct Root {
    named: PathBuf,
    /// The same without links.
    whole: PathBuf,
}

/// A walk through directories.
pub(super) struct Walk<'a> {
    /// What was named, links resolved.
    roots: Vec<PathBuf>,
    /// The vaults' files, by device and inode.
    own: Vec<(u64, u64)>,
    /// What the caller leaves out.
    ignore: &'a Ignore,
    left_out: LeftOut,
}

impl<'a> Walk<'a> {
    pub fn new(named: &[PathBuf], own: Vec<(u64, u64)>, ignore: &'a Ignore) -> Self {
        let roots = named.iter().filter_map(|path| path.canonicalize().ok()).collect();
        Self { roots, own, ignore, left_out: LeftOut::default() }
    }

    pub fn left_out(self) -> LeftOut {
        self.left_out
    }

    /// Hands out every file of a directory that was named, in the order of names.
    pub fn directory(&mut self, path: &Path, visitor: &mut Visitor<'_>) -> Result<()> {
        let root = Root { named: path.to_owned(), whole: path.canonicalize().unwrap_or_else(|_| path.to_owned()) };
        let top = work_trees_above(&root.whole).next();
        let mut rules = Ignore::default();
        rules.read(top.unwrap_or(&root.whole))?;
        let tree = if top.is_some() { self.work_tree(path) } else { None };
        // Who names what git ignores wants it read.
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
                // What git keeps is for --history; its settings are files like any other, and may hold a password.
                Entry::Directory if name == ".git" => {
                    for settings in ["config", "config.worktree"] {
                        self.file(&path.join(settings), visitor)?;
                    }
                }
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

    /// Whether the caller or a `.vaultignore` leaves a path out.
    fn excludes(&self, root: &Root, rules: &Ignore, path: &Path, is_directory: bool) -> bool {
        if rules.is_empty() && self.ignore.is_empty() {
            return false;
        }
        let path = root.whole(path);
        self.ignore.says(&path, is_directory).unwrap_or_else(|| rules.leaves_out(&path, is_directory))
    }

    /// Lists a directory, one in `root` or the root itself; one that can't be listed is the visitor's to tell.
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
        // A FIFO may have taken the file's place: without NONBLOCK opening it would wait.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
        let opened = open_long(path, flags).map(File::from).and_then(|file| file.metadata().map(|is| (file, is)));
        match opened {
            Ok((_, metadata)) if !metadata.is_file() => self.left_out.special += 1,
            Ok((_, metadata)) if self.own.contains(&(metadata.dev(), metadata.ino())) => {}
            Ok((mut file, _)) => return visitor(shown(path), Ok(&mut file)),
            // Removed since it was listed: there is nothing to read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return visitor(shown(path), Err(error)),
        }
        Ok(())
    }

    /// Whether a link leads to something that is not read anyway. One that leads nowhere leads to nothing.
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

/// A path as people know it.
fn shown(path: &Path) -> &Path {
    path.strip_prefix(".").ok().filter(|path| !path.as_os_str().is_empty()).unwrap_or(path)
}

/// The entries of a directory in the order of names. After an error there may be more than those.
fn list(path: &Path, entries: &mut Vec<(OsString, Entry)>) -> io::Result<()> {
    let directory = open_long(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC)?;
    let listed = Dir::read_from(&directory)?.try_for_each(|entry| {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            entries.push((name.to_owned(), kind(&directory, name, entry.file_type())?));
        }
        Ok(())
    });
    entries.order_by(|(one, _), (other, _)| one.cmp(other));
    listed
}

fn kind(directory: &OwnedFd, name: &OsStr, told: FileType) -> io::Result<Entry> {
    let told = match told {
        // Not every filesystem tells it in its directories.
        FileType::Unknown => {
            FileType::from_raw_mode(rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode)
        }
        told => told,
    };
    Ok(match told {
        FileType::Directory => Entry::Directory,
        FileType::RegularFile => Entry::File,
        FileType::Symlink => {
            let target = rustix::fs::readlinkat(directory, name, Vec::new())?;
            Entry::Link(OsString::from_vec(target.into_bytes()).into_vec())
        }
        _ => Entry::Special,
    })
}

/// The system takes paths of less than 4,096 bytes (macOS: 1,024) at once, and no name is longer than 255.
const AT_ONCE: usize = 1_000;

/// Opens a path of any length, step by step where it is long. Only the last step takes these flags.
fn open_long(path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
    let mut rest = path.as_os_str().as_bytes();
    let mut directory: Option<OwnedFd> = None;
    while rest.len() > AT_ONCE {
        let Some(slash) = rest[..AT_ONCE].iter().rposition(|byte| *byte == b'/').filter(|at| *at > 0) else { break };
        let steps = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        directory = Some(open_from(directory.as_ref(), &rest[..slash], steps)?);
        rest = &rest[slash + 1..];
    }
    open_from(directory.as_ref(), rest, flags)
}

fn open_from(directory: Option<&OwnedFd>, path: &[u8], flags: OFlags) -> io::Result<OwnedFd> {
    let directory = directory.map_or(rustix::fs::CWD, AsFd::as_fd);
    Ok(rustix::fs::openat(directory, OsStr::from_bytes(path), flags, Mode::empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every file below, with what is in it, or why it can't be read.
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
    fn three_thousand_levels_are_read_to_the_last() {
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
        // The library's own way to remove a directory takes one descriptor a level.
        assert!(std::process::Command::new("rm").arg("-rf").arg(root.path().join("deep")).status().unwrap().success());
    }

    #[test]
    fn what_is_no_file_is_counted_and_a_link_is_read_and_not_followed() {
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
