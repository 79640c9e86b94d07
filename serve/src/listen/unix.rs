//! A Unix socket for the processes of one user.

use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use tokio::net::{UnixListener, UnixStream};
use vault::{Error, Result};

/// Listens on a path. A socket without a listener is replaced; any other file is an error.
pub fn listen(path: &Path) -> Result<UnixListener> {
    if let Ok(metadata) = std::fs::symlink_metadata(path) {
        let is_dead = metadata.file_type().is_socket() && std::os::unix::net::UnixStream::connect(path).is_err();
        if !is_dead {
            return Err(Error::failed(format!("{} already exists", path.display()))
                .hint("stop the server that listens there, or choose another path"));
        }
        std::fs::remove_file(path).map_err(|error| Error::io("remove", path, &error))?;
    }
    let listener = vault::fs::listen(path).and_then(of_std);
    listener.map_err(|error| Error::io("listen on", path, &error))
}

/// Registers the socket with the async runtime.
pub fn of_std(listener: std::os::unix::net::UnixListener) -> std::io::Result<UnixListener> {
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

/// Returns whether the other end is a process of this user, according to the kernel.
pub fn is_own(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw())
}
