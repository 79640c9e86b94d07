//! Lists directories and opens files, however long their paths are.

use crate::ordered::InOrder as _;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

/// The kind of a directory entry.
pub enum Entry {
    Directory,
    File,
    /// A link, with its target.
    Link(Vec<u8>),
    Special,
}

/// Lists the entries of a directory, sorted by name. After an error, the directory may have more entries.
pub fn list(path: &Path, entries: &mut Vec<(OsString, Entry)>) -> io::Result<()> {
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

fn kind(directory: &OwnedFd, name: &OsStr, reported: FileType) -> io::Result<Entry> {
    let reported = match reported {
        // Not every file system reports the kind in its directories.
        FileType::Unknown => {
            FileType::from_raw_mode(rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode)
        }
        reported => reported,
    };
    Ok(match reported {
        FileType::Directory => Entry::Directory,
        FileType::RegularFile => Entry::File,
        FileType::Symlink => {
            let target = rustix::fs::readlinkat(directory, name, Vec::new())?;
            Entry::Link(OsString::from_vec(target.into_bytes()).into_vec())
        }
        _ => Entry::Special,
    })
}

/// How many bytes of a path are opened at once: the system's limit is 4,096 (macOS: 1,024), and no name is longer than
/// 255.
const AT_ONCE: usize = 1_000;

/// Opens a path of any length, in steps if it is long. The flags are for the last step.
pub fn open_long(path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
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
