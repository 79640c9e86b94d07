//! Creates files that only their owner can read, with a name or without.

use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Creates a new file with mode 0600 or less: a umask can only remove bits.
///
/// # Errors
/// If the name is taken, even by a dangling link.
pub fn create_private(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

/// Creates a file without a name (open(2), `O_TMPFILE`); `None` if the file system can't, or if the file could not be
/// given a name later.
#[cfg(target_os = "linux")]
pub(super) fn nameless(directory: &Path) -> Option<File> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(directory, flags, Mode::RUSR | Mode::WUSR).ok()?);
    std::fs::symlink_metadata(own_descriptor(&file)).is_ok().then_some(file)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn nameless(_: &Path) -> Option<File> {
    None
}

/// The path of an open file, which can be linked without a privilege (linkat(2), `AT_SYMLINK_FOLLOW`).
fn own_descriptor(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd as _;
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

pub(super) fn give_name(file: &File, name: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    Ok(linkat(CWD, own_descriptor(file), CWD, name, AtFlags::SYMLINK_FOLLOW)?)
}
