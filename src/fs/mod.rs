//! The only code that reads and writes files: with a size limit, atomically, privately, and under a lock.

mod append;
mod create;
mod descriptor;
mod directory;
mod lock;
mod notes;
mod socket;
mod unfinished;
mod write;

pub(crate) use crate::path::parent;
pub use append::append_private;
pub(crate) use append::append_records;
pub(crate) use create::create_private;
pub use descriptor::inherited;
pub(crate) use directory::{check_state_directory, name_elsewhere};
pub use directory::{create_private_directory, create_state_directory};
pub(crate) use lock::{LOCK_TIMEOUT, Lock, STATE_LOCK_TIMEOUT, lock, lock_held_briefly, lock_shared};
pub use notes::clear_noted;
pub use socket::listen;
pub(crate) use unfinished::remove_left_behind;
pub(crate) use write::{Durability, begin_flush};
pub use write::{write_new, write_private, write_private_with};

use crate::error::{Error, Reason, Result};
use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use vault_quick::room::room;

/// Identifies a file as it was when it was read: a change by another writer gives another stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of bytes that come from no file, such as a version in git's history.
    #[must_use]
    pub(crate) fn none() -> Self {
        Self { device: 0, inode: 0, size: 0, modified: (0, 0), changed: (0, 0) }
    }

    /// The stamp of an open file, from its metadata.
    #[must_use]
    pub fn from_metadata(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Reads a regular file of at most `limit` bytes. It never waits for a FIFO and never reads a device.
///
/// # Errors
/// A failure if there is no such file (`Error::is_missing_file`) or it is not a regular file; an integrity error if
/// it is too large.
pub fn read(path: &Path, limit: usize) -> Result<(Vec<u8>, Stamp)> {
    let (file, metadata) = open_regular(path)?;
    let bytes = bounded(file, metadata.len(), path, limit)?;
    let bytes = bytes.ok_or_else(|| Error::integrity(too_large(path, limit)))?;
    Ok((bytes, Stamp::from_metadata(&metadata)))
}

/// Reads a file as [`read`] does; `None` if it does not exist.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_if_there(path: &Path, limit: usize) -> Result<Option<Vec<u8>>> {
    if_there(read(path, limit).map(|(bytes, _)| bytes))
}

/// Reads a file of at most `limit` bytes that somebody named for a single use: a regular file, or a pipe that is
/// already open, such as a shell makes for `<(command)`. A pipe is read to its end.
///
/// # Errors
/// A failure if it is neither, or is too large.
pub fn read_named(path: &Path, limit: usize) -> Result<Vec<u8>> {
    read_named_with_stamp(path, limit).map(|(bytes, _)| bytes)
}

/// Reads a file as [`read_named`] does. A pipe has no stamp.
///
/// # Errors
/// As [`read_named`].
pub(crate) fn read_named_with_stamp(path: &Path, limit: usize) -> Result<(Vec<u8>, Option<Stamp>)> {
    let (file, metadata) = open_named(path)?;
    let bytes = bounded(file, metadata.len(), path, limit)?
        .ok_or_else(|| Error::new(Reason::TooLarge, too_large(path, limit)).hint("name a smaller file"))?;
    Ok((bytes, metadata.is_file().then(|| Stamp::from_metadata(&metadata))))
}

/// Opens what [`read_named`] reads, and returns its metadata.
///
/// # Errors
/// A failure if it is neither a regular file nor an open pipe.
pub(crate) fn open_named(path: &Path) -> Result<(File, Metadata)> {
    let is_open = path.starts_with("/dev") || path.starts_with("/proc");
    match std::fs::metadata(path) {
        Ok(metadata) if is_open && metadata.file_type().is_fifo() => {
            let file = File::open(path).map_err(|error| Error::io("read", path, &error))?;
            Ok((file, metadata))
        }
        _ => open_regular(path),
    }
}

fn too_large(path: &Path, limit: usize) -> String {
    format!("{} is larger than {} MiB", path.display(), limit >> 20)
}

/// Reads a file of about this length; `None` if it is larger than the limit.
fn bounded(file: File, length: u64, path: &Path, limit: usize) -> Result<Option<Vec<u8>>> {
    if length > limit as u64 {
        return Ok(None);
    }
    let mut bytes = room(usize::try_from(length).unwrap_or(limit) + 1);
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| Error::io("read", path, &error))?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// Opens a regular file for reading, and returns its metadata.
///
/// # Errors
/// As [`read`].
pub(crate) fn open_regular(path: &Path) -> Result<(File, Metadata)> {
    // Without O_NONBLOCK, opening a FIFO waits for a writer.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let opened = rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from);
    let file = File::from(opened.map_err(|error| Error::io("read", path, &error))?);
    let metadata = file.metadata().map_err(|error| Error::io("read", path, &error))?;
    if metadata.is_file() {
        return Ok((file, metadata));
    }
    let what = match metadata.file_type() {
        kind if kind.is_dir() => "a directory",
        kind if kind.is_fifo() => "a FIFO",
        kind if kind.is_char_device() || kind.is_block_device() => "a device",
        _ => "a special file",
    };
    Err(Error::failed(format!("{} is {what}, not a file", path.display()))
        .hint("name a regular file, or pipe its contents in if the command reads standard input"))
}

/// Opens a file as [`open_regular`] does; `None` if it does not exist.
///
/// # Errors
/// As [`read`].
pub(crate) fn open_if_there(path: &Path) -> Result<Option<(File, Metadata)>> {
    if_there(open_regular(path))
}

fn if_there<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Err(error) if error.is_missing_file() => Ok(None),
        found => found.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn h4_a_planted_link_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let elsewhere = directory.path().join("elsewhere");
        std::fs::write(&elsewhere, "kept").unwrap();
        std::os::unix::fs::symlink(&elsewhere, directory.path().join(".v.tmp")).unwrap();
        let lock = Lock::of_file(&directory.path().join("v"), Duration::ZERO).unwrap();
        assert!(lock.replace(Path::new("v"), b"new", None, Durability::Waited).is_err());
        assert_eq!(std::fs::read(&elsewhere).unwrap(), b"kept");
    }

    #[test]
    fn a9_a_stale_temporary_file_is_ignored() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(".v.tmp"), "half").unwrap();
        let lock = Lock::of_file(&directory.path().join("v"), Duration::ZERO).unwrap();
        lock.replace(Path::new("v"), b"new", None, Durability::Waited).unwrap();
        assert_eq!(std::fs::read(directory.path().join("v")).unwrap(), b"new");
        assert!(!directory.path().join(".v.tmp").exists());
    }

    #[test]
    fn c8_a_file_replaced_in_the_meantime_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("v");
        std::fs::write(&path, "one").unwrap();
        let (_, stamp) = read(&path, 100).unwrap();
        let lock = Lock::of_file(&directory.path().join("v"), Duration::ZERO).unwrap();
        std::fs::write(directory.path().join("w"), "two").unwrap();
        std::fs::rename(directory.path().join("w"), &path).unwrap();
        assert!(lock.replace(Path::new("v"), b"new", Some(stamp), Durability::Waited).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn d4_a_path_that_is_not_a_file_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        assert!(read(directory.path(), 100).unwrap_err().to_string().contains("a directory"));
        assert!(read(Path::new("/dev/zero"), 100).unwrap_err().to_string().contains("a device"));
        let fifo = directory.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        assert!(read(&fifo, 100).unwrap_err().to_string().contains("a FIFO"));
    }

    #[test]
    fn files_of_a_killed_writer_are_removed_and_files_of_a_running_one_stay() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for name in [".a.0123.vault-tmp", ".b.0123.vault-tmp", ".c.tmp", "d.vault-tmp"] {
            std::fs::write(path(name), "value").unwrap();
        }
        let living = File::open(path(".b.0123.vault-tmp")).unwrap();
        living.lock().unwrap();
        write_private(&path("e"), b"new").unwrap();
        assert!(!path(".a.0123.vault-tmp").exists());
        let kept = [".b.0123.vault-tmp", ".c.tmp", "d.vault-tmp", "e"];
        assert!(kept.iter().all(|name| path(name).exists()));
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), kept.len());
    }

    #[test]
    fn an_unfinished_record_of_a_killed_writer_is_removed_before_the_next_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("records");
        for (begin, end) in [("", "new!"), ("old!", "old!new!"), ("old!ne", "old!new!")] {
            std::fs::write(&path, begin).unwrap();
            append_records(&path, b"new!", 4).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), end);
        }
    }
}
