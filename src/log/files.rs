//! The files of a log's segments. Anybody may have put something else in their place, so this module never blocks on them
//! and reads no more than it needs.

use super::segment::ReadHeader;
use crate::error::{Error, Reason, Remedy, Result};
use crate::fs;
use crate::ordered::InOrder as _;
use rustix::fs::OFlags;
use std::fs::File;
use std::io::{self, BufRead as _, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The maximum size of a segment that is read, in bytes.
pub(super) const MAX_SEGMENT: usize = 1024 * 1024 * 1024;
/// The maximum size of a header's line, in bytes. It leaves room for the first key, encrypted to the maximum number of
/// users.
pub(super) const MAX_HEADER: u64 = 1024 * 1024;
/// Don't follow a symbolic link, and don't block on a FIFO.
#[allow(clippy::cast_possible_wrap, reason = "bits are what is handed on")]
pub(super) const OPEN_FLAGS: i32 = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits() as i32;

/// Returns the path of a segment's file.
pub(super) fn path(directory: &Path, segment: u32) -> PathBuf {
    directory.join(format!("{segment:06}.log"))
}

/// Opens a segment's file for appending, if it exists.
pub(super) fn open(path: &Path) -> io::Result<Option<File>> {
    match File::options().read(true).append(true).custom_flags(OPEN_FLAGS).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads the header of a segment; `None` if there is no complete one.
pub(super) fn read_head(path: &Path) -> Result<Option<ReadHeader>> {
    Ok(read_head_and_open(path)?.map(|(head, _)| head))
}

/// Reads the header of a segment. Returns the file as well, positioned at the first entry.
pub(super) fn read_head_and_open(path: &Path) -> Result<Option<(ReadHeader, File)>> {
    let Some((mut file, line, _)) = first_line(path)? else { return Ok(None) };
    file.seek(SeekFrom::Start(line.len() as u64)).map_err(|error| Error::io("read", path, &error))?;
    Ok(ReadHeader::split(&line).map(|(head, _)| (head, file)))
}

/// Whether the segment holds anything after its first line. If not, a program died while it started the segment.
pub(super) fn goes_on(path: &Path) -> Result<bool> {
    Ok(first_line(path)?.is_some_and(|(_, line, more)| more && line.ends_with(b"\n")))
}

/// Reads the first line, and checks whether anything follows. Reads at most [`MAX_HEADER`] bytes, whatever the file's
/// size.
fn first_line(path: &Path) -> Result<Option<(File, Vec<u8>, bool)>> {
    let Some((file, _)) = fs::open_if_there(path)? else { return Ok(None) };
    let mut reader = io::BufReader::new((&file).take(MAX_HEADER));
    let mut line = Vec::new();
    let mut read = || -> io::Result<bool> {
        reader.read_until(b'\n', &mut line)?;
        Ok(reader.by_ref().bytes().next().transpose()?.is_some())
    };
    let more = read().map_err(|error| Error::io("read", path, &error))?;
    drop(reader);
    Ok(Some((file, line, more)))
}

/// Whether any segment holds entries.
pub(super) fn has_entries(directory: &Path) -> Result<bool> {
    for number in list(directory)? {
        if goes_on(&path(directory, number))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the numbers of the existing segments, and the current length of each file in bytes.
pub(super) fn list_with_lengths(directory: &Path) -> Result<Vec<(u32, u64)>> {
    let length = |number: u32| {
        let path = path(directory, number);
        let metadata = std::fs::symlink_metadata(&path).map_err(|error| Error::io("read", &path, &error))?;
        Ok((number, metadata.len()))
    };
    list(directory)?.into_iter().map(length).collect()
}

/// Returns the numbers of the existing segments, sorted.
pub(super) fn list(directory: &Path) -> Result<Vec<u32>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("read", directory, &error)),
    };
    // Accept only the names that `path` gives. Another spelling of the same number is another file.
    let number = |entry: std::fs::DirEntry| {
        let number = entry.file_name().to_str()?.strip_suffix(".log")?.parse().ok()?;
        let is_segment =
            (1..u32::MAX).contains(&number) && path(directory, number).file_name() == Some(&entry.file_name());
        is_segment.then_some(number)
    };
    let mut numbers: Vec<u32> = entries.filter_map(|entry| number(entry.ok()?)).collect();
    numbers.order();
    Ok(numbers)
}

/// The error for a log that takes the user's private keys to continue.
pub(super) fn cannot_continue() -> Error {
    Error::failed("the log can't be continued without unlocking")
}

/// The error for an entry that could not be written. The caller must then hand out nothing.
pub(super) fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let failed = Error::new(
        Reason::LogUnwritable,
        format!("the access log can't be written: {}: {}", path.display(), crate::error::reason(error)),
    );
    if let Some(remedy) = crate::error::limit_remedy(error) {
        return failed.hint(remedy);
    }
    failed.hint((
        "nothing is handed out without a log entry; make room, allow writing there, or name another directory: ",
        Remedy::ChooseState,
    ))
}

/// Appends all frames in one write. On failure, truncates the file to its old length.
pub(super) fn write_frames(file: &mut File, frames: &[u8], offset: u64, sync: bool) -> io::Result<()> {
    let result = file.write_all(frames).and_then(|()| flush(file, offset, frames.len(), sync));
    if result.is_err() {
        let _ = file.set_len(offset);
    }
    result
}

/// Waits until the data is on disk, or only makes the kernel start to write it.
fn flush(file: &File, offset: u64, length: usize, sync: bool) -> io::Result<()> {
    if sync { file.sync_data() } else { fs::begin_flush(file, offset, length) }
}

/// Opens a file for reading and writing, and creates it if it does not exist.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).mode(0o600).custom_flags(OPEN_FLAGS);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => options.create(true).truncate(false).open(path),
        opened => opened,
    }
}
