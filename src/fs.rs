//! The only writer of files: atomic, private, and under a lock on the directory.
//!
//! A file is replaced in the order of POSIX's durability rules: write a temporary file beside it, fsync it, rename it
//! over the old one, fsync the directory. A crash leaves the old file or the new one. The lock is taken on the directory
//! itself, so that no lock file is left in anybody's tree.

pub use crate::path::parent;

use crate::error::{Error, Kind, Result};
use rustix::fs::{Mode, OFlags};
use std::fs::{File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a writer waits for another one.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// Which file this was when it was read: another writer's change shows as another stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// From what the system says of an open file.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Reads a regular file of at most `limit` bytes: never waits at a FIFO, never reads a device.
///
/// # Errors
/// A failure where there is none ([`Error::is_missing_file`]), or for anything that is no regular file; an integrity error
/// if it is too large.
pub fn read(path: &Path, limit: usize) -> Result<(Vec<u8>, Stamp)> {
    let (file, metadata) = open_regular(path)?;
    let bytes = bounded(file, metadata.len(), path, limit)?;
    let bytes = bytes.ok_or_else(|| Error::integrity(too_large(path, limit)))?;
    Ok((bytes, Stamp::of(&metadata)))
}

/// As [`read`], of a file that need not be there.
///
/// # Errors
/// As [`read`].
pub fn read_if_there(path: &Path, limit: usize) -> Result<Option<Vec<u8>>> {
    if_there(read(path, limit).map(|(bytes, _)| bytes))
}

/// Reads what somebody named for this one use, of at most `limit` bytes: a regular file or, to its end, a pipe that is open
/// already, such as a shell makes of `<(command)`.
///
/// # Errors
/// A failure if it is neither, or too large.
pub fn read_named(path: &Path, limit: usize) -> Result<Vec<u8>> {
    let (file, metadata) = open_named(path)?;
    bounded(file, metadata.len(), path, limit)?.ok_or_else(|| Error::failed(too_large(path, limit)))
}

/// Opens for reading what [`read_named`] reads, and says what it is.
///
/// # Errors
/// A failure if it is neither a regular file nor an open pipe.
pub fn open_named(path: &Path) -> Result<(File, Metadata)> {
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

/// Reads a file of about this length; `None` if there is more than the limit.
fn bounded(file: File, length: u64, path: &Path, limit: usize) -> Result<Option<Vec<u8>>> {
    if length > limit as u64 {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(limit) + 1);
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(|error| Error::io("read", path, &error))?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// Opens a regular file for reading and says what it is.
///
/// # Errors
/// As [`read`].
pub fn open_regular(path: &Path) -> Result<(File, Metadata)> {
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
        _ => "no regular file",
    };
    Err(Error::failed(format!("{} is {what}, not a file", path.display())).hint(
        "name a regular file; what a program prints goes through a pipe, with - for the file where that is taken",
    ))
}

/// As [`open_regular`], of a file that need not be there.
///
/// # Errors
/// As [`read`].
pub fn open_if_there(path: &Path) -> Result<Option<(File, Metadata)>> {
    if_there(open_regular(path))
}

fn if_there<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Err(error) if error.is_missing_file() => Ok(None),
        found => found.map(Some),
    }
}

/// A lock on a directory, held until it is dropped or the process ends.
pub struct DirectoryLock {
    directory: File,
    path: PathBuf,
}

impl DirectoryLock {
    /// Waits for the lock.
    ///
    /// # Errors
    /// A busy error after `timeout` that names the process that holds it, where the system tells.
    pub fn acquire(path: &Path, timeout: Duration) -> Result<Self> {
        let directory = File::open(path).map_err(|error| Error::io("open", path, &error))?;
        lock(&directory, path, timeout)?;
        Ok(Self { directory, path: path.to_owned() })
    }

    /// Replaces the file `name` in this directory by `bytes`, readable by its owner only unless it was wider before.
    ///
    /// # Errors
    /// If `expected` is no longer the stamp of the file there, or the operating system refuses; the old file stays. Where
    /// only the flush of the directory fails the new one is there, and the message says so.
    pub fn replace(&self, name: &Path, bytes: &[u8], expected: Option<Stamp>) -> Result<()> {
        let target = self.path.join(name);
        let temporary = self.path.join(format!(".{}.tmp", name.display()));
        remove_stale(&temporary)?;
        let result = self.write_and_rename(&temporary, &target, bytes, expected);
        if result.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        result
    }

    fn write_and_rename(&self, temporary: &Path, target: &Path, bytes: &[u8], expected: Option<Stamp>) -> Result<()> {
        let cannot = |error: &io::Error| Error::io("write", target, error);
        let mut file = create_private(temporary).map_err(|error| cannot(&error))?;
        file.write_all(bytes).map_err(|error| cannot(&error))?;
        let current = || std::fs::symlink_metadata(target).ok();
        if let Some(mode) = current().map(|metadata| metadata.mode() & 0o666) {
            file.set_permissions(std::fs::Permissions::from_mode(mode)).map_err(|error| cannot(&error))?;
        }
        file.sync_all().map_err(|error| cannot(&error))?;
        // As late as can be: the flush takes long enough for another program, such as git, to put its own file there.
        if current().map(|metadata| Stamp::of(&metadata)) != expected {
            return Err(Error::failed(format!(
                "{} was replaced by another program while it was being changed",
                target.display()
            ))
            .hint("nothing was written; run the command again"));
        }
        std::fs::rename(temporary, target).map_err(|error| cannot(&error))?;
        self.directory.sync_all().map_err(|error| {
            let reason = crate::error::reason(&error);
            Error::failed(format!(
                "{} is written, but could be lost if the power fails now: {reason}",
                target.display()
            ))
            .hint("the disk may be failing; don't run the command again before you looked at what is there")
        })
    }
}

/// Writes a file that holds secrets: a new file of mode 0600, renamed over what was there. A symbolic link is refused.
///
/// # Errors
/// If it can't be written whole; what was there stays.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let Some(name) = path.file_name() else {
        return Err(Error::usage(format!("{} is no name of a file", path.display()))
            .hint("name the file itself, not its directory"));
    };
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            return Err(Error::failed(format!("{} is not a regular file", path.display()))
                .hint("values are written to regular files only; for a pipe use standard output"));
        }
        _ => {}
    }
    let directory = parent(path);
    let temporary = directory.join(format!(".{}.{:032x}.tmp", name.display(), rand::random::<u128>()));
    let cannot = |error: &io::Error| Error::io("write", path, error);
    let write = || -> io::Result<()> {
        let mut file = create_private(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        File::open(directory)?.sync_all()
    };
    write().map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        cannot(&error)
    })
}

/// Appends to a regular file that others write, too, or makes it for its owner only. A last line without an end is ended
/// first, so that it can't run into what is appended. A symbolic link is refused.
///
/// # Errors
/// If it is no regular file, or can't be written.
pub fn append_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = |error: &io::Error| Error::io("write", path, error);
    let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags | OFlags::NOCTTY, Mode::RUSR | Mode::WUSR).map_err(io::Error::from);
    let mut file = File::from(opened.map_err(|error| cannot(&error))?);
    let metadata = file.metadata().map_err(|error| cannot(&error))?;
    if !metadata.is_file() {
        return Err(Error::failed(format!("{} is not a regular file", path.display()))
            .hint("values are appended to regular files only"));
    }
    let mut last = [b'\n'];
    if metadata.len() > 0 {
        std::os::unix::fs::FileExt::read_exact_at(&file, &mut last, metadata.len() - 1)
            .map_err(|error| cannot(&error))?;
    }
    if last != [b'\n'] {
        file.write_all(b"\n").map_err(|error| cannot(&error))?;
    }
    file.write_all(bytes).map_err(|error| cannot(&error))
}

/// Makes a directory, and those above it, for its owner only.
///
/// # Errors
/// If it can't be made, or is there and is no directory.
pub fn create_private_directory(path: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if path.is_dir() {
        return Ok(());
    }
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| Error::io("create", path, &error))
}

/// Creates a file that was not there, mode 0600 whatever the umask.
///
/// # Errors
/// If anything, even a dangling link, has the name.
pub fn create_private(path: &Path) -> io::Result<File> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Takes an exclusive lock on an open file or directory.
///
/// # Errors
/// A busy error after `timeout` that names the process that holds it, where the system tells.
pub fn lock(file: &File, path: &Path, timeout: Duration) -> Result<()> {
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(std::fs::TryLockError::WouldBlock) if start.elapsed() < timeout => {
                std::thread::sleep(Duration::from_millis(u64::from(rand::random::<u8>() % 8) + 1));
            }
            Err(std::fs::TryLockError::WouldBlock) => return Err(busy(file, path, timeout)),
            Err(std::fs::TryLockError::Error(error)) => return Err(Error::io("lock", path, &error)),
        }
    }
}

fn busy(file: &File, path: &Path, timeout: Duration) -> Error {
    let holder = holder(file).map_or(String::new(), |pid| format!(" by process {pid}"));
    let error = Error::busy(format!("{} has been locked{holder} for {} s", path.display(), timeout.as_secs()));
    error.hint("another vault is writing there, or was stopped while it wrote; wait for it, or end it")
}

/// Who holds the lock, from the kernel's table (proc_locks(5)): `1: FLOCK ADVISORY WRITE 4242 08:01:131 0 EOF`.
fn holder(file: &File) -> Option<u32> {
    let inode = format!(":{}", file.metadata().ok()?.ino());
    let table = std::fs::read_to_string("/proc/locks").ok()?;
    let line = table.lines().find(|line| {
        let mut fields = line.split_whitespace();
        fields.nth(1) == Some("FLOCK") && fields.nth(3).is_some_and(|place| place.ends_with(&inode))
    })?;
    line.split_whitespace().nth(4)?.parse().ok()
}

/// A writer that died has left its temporary file; it holds ciphertext only. Anything else of that name is not ours.
fn remove_stale(temporary: &Path) -> Result<()> {
    match std::fs::symlink_metadata(temporary) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(metadata) if metadata.is_file() => {
            std::fs::remove_file(temporary).map_err(|error| Error::io("remove", temporary, &error))
        }
        Ok(_) => Err(Error::new(Kind::Failed, format!("{} is in the way and is no file of ours", temporary.display()))
            .hint("look what it is, and remove it")),
        Err(error) => Err(Error::io("write", temporary, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h4_a_planted_link_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let elsewhere = directory.path().join("elsewhere");
        std::fs::write(&elsewhere, "kept").unwrap();
        std::os::unix::fs::symlink(&elsewhere, directory.path().join(".v.tmp")).unwrap();
        let lock = DirectoryLock::acquire(directory.path(), Duration::ZERO).unwrap();
        assert!(lock.replace(Path::new("v"), b"new", None).is_err());
        assert_eq!(std::fs::read(&elsewhere).unwrap(), b"kept");
    }

    #[test]
    fn a9_a_stale_temporary_file_is_ignored() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(".v.tmp"), "half").unwrap();
        let lock = DirectoryLock::acquire(directory.path(), Duration::ZERO).unwrap();
        lock.replace(Path::new("v"), b"new", None).unwrap();
        assert_eq!(std::fs::read(directory.path().join("v")).unwrap(), b"new");
        assert!(!directory.path().join(".v.tmp").exists());
    }

    #[test]
    fn c8_a_file_replaced_underneath_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("v");
        std::fs::write(&path, "one").unwrap();
        let (_, stamp) = read(&path, 100).unwrap();
        let lock = DirectoryLock::acquire(directory.path(), Duration::ZERO).unwrap();
        std::fs::write(directory.path().join("w"), "two").unwrap();
        std::fs::rename(directory.path().join("w"), &path).unwrap();
        assert!(lock.replace(Path::new("v"), b"new", Some(stamp)).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn d4_what_is_no_file_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        assert!(read(directory.path(), 100).unwrap_err().to_string().contains("a directory"));
        assert!(read(Path::new("/dev/zero"), 100).unwrap_err().to_string().contains("a device"));
        let fifo = directory.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        assert!(read(&fifo, 100).unwrap_err().to_string().contains("a FIFO"));
    }

    #[test]
    fn c4_the_holder_of_a_lock_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let _held = DirectoryLock::acquire(directory.path(), Duration::ZERO).unwrap();
        let error = DirectoryLock::acquire(directory.path(), Duration::ZERO).err().unwrap();
        assert_eq!(error.kind(), Kind::Busy);
        if cfg!(target_os = "linux") {
            assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
        }
    }
}
