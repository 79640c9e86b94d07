//! Sockets in the file system.

use rustix::fs::Mode;
use std::io;
use std::os::unix::net::UnixListener;
use std::path::Path;

/// Listens at a name that is free, for its user alone from the first moment on. The umask is the process's: there must be
/// only this thread yet, or none that makes files.
///
/// # Errors
/// What the system says.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    let before = rustix::process::umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
    let listener = UnixListener::bind(path);
    rustix::process::umask(before);
    listener
}
