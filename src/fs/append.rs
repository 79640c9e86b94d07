//! Appending to files that belong to their owner only.

use crate::error::{Error, Result};
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Appends to a regular file that others may write to as well, or creates it for its owner only. If the last line has
/// no newline, one is added first, so that the new text starts on its own line. A symbolic link is refused.
///
/// # Errors
/// If it is not a regular file, or can't be written.
pub fn append_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = |error: &io::Error| Error::io("write", path, error);
    let (mut file, length) = open_to_append(path)?;
    let mut last = [b'\n'];
    if length > 0 {
        file.read_exact_at(&mut last, length - 1).map_err(|error| cannot(&error))?;
    }
    if last != [b'\n'] {
        file.write_all(b"\n").map_err(|error| cannot(&error))?;
    }
    file.write_all(bytes).map_err(|error| cannot(&error))
}

/// Appends records of `size` bytes to a file of such records. It first cuts off an incomplete record that a killed
/// writer left.
///
/// # Errors
/// As [`append_private`].
pub fn append_records(path: &Path, records: &[u8], size: u64) -> Result<()> {
    let cannot = |error: &io::Error| Error::io("write", path, error);
    let (mut file, length) = open_to_append(path)?;
    if length % size != 0 {
        file.set_len(length - length % size).map_err(|error| cannot(&error))?;
    }
    file.write_all(records).map_err(|error| cannot(&error))
}

/// Opens a regular file for appending, or creates it. Returns the file and its length.
fn open_to_append(path: &Path) -> Result<(File, u64)> {
    let cannot = |error: &io::Error| Error::io("write", path, error);
    let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags | OFlags::NOCTTY, Mode::RUSR | Mode::WUSR).map_err(io::Error::from);
    let file = File::from(opened.map_err(|error| cannot(&error))?);
    let metadata = file.metadata().map_err(|error| cannot(&error))?;
    if !metadata.is_file() {
        return Err(Error::failed(format!("{} is not a regular file", path.display()))
            .hint("values are appended to regular files only"));
    }
    Ok((file, metadata.len()))
}
