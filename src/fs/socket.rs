//! Sockets in the file system.

use rustix::fs::Mode;
use std::io;
use std::os::unix::net::UnixListener;
use std::path::Path;

/// Listens at an unused name that only the current user can connect to, from the first moment on. The umask belongs to
/// the whole process, so no other thread may be creating files at the same time.
///
/// # Errors
/// The error of the operating system.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    let before = rustix::process::umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
    let listener = UnixListener::bind(path);
    rustix::process::umask(before);
    listener
}
