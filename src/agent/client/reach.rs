//! Connects to an agent, and only to one of the same user.

use crate::agent::peer;
use crate::agent::protocol::{Patience, silent};
use crate::error::{Error, Remedy, Result};
use rustix::io::Errno;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Connects to this user's process at `socket`. Returns the connection and the socket's mode.
pub(super) fn reach(socket: &Path, patience: Patience) -> Result<Option<(UnixStream, u32)>> {
    let user = rustix::process::geteuid().as_raw();
    let foreign = || {
        Error::integrity(format!("{} belongs to another user, not to your agent", socket.display()))
            .hint(("remove it if you can; without the agent: ", Remedy::WithoutAgent))
    };
    let Ok(metadata) = std::fs::symlink_metadata(socket) else { return Ok(None) };
    if metadata.uid() != user {
        return Err(foreign());
    }
    if !metadata.file_type().is_socket() {
        return Err(Error::failed(format!("{} is not an agent socket", socket.display())).hint("remove it"));
    }
    let stream = match open(socket, patience) {
        Ok(stream) => stream,
        Err(Errno::CONNREFUSED | Errno::NOENT) => return Ok(None),
        // Nobody accepts connections, and the queue is full.
        Err(Errno::AGAIN) => return Err(silent()),
        Err(error) => return Err(Error::io("connect to", socket, &error.into())),
    };
    if !peer::is_own(&stream) {
        return Err(foreign());
    }
    Ok(Some((stream, metadata.mode())))
}

/// Connects like [`UnixStream::connect`], but with a timeout (unix(7): `SO_SNDTIMEO` also limits connecting).
#[cfg(target_os = "linux")]
fn open(socket: &Path, patience: Patience) -> rustix::io::Result<UnixStream> {
    use rustix::net::sockopt::{Timeout, set_socket_timeout};
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
    let stream = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    set_socket_timeout(&stream, Timeout::Send, Some(patience.time()))?;
    rustix::net::connect(&stream, &SocketAddrUnix::new(socket)?)?;
    Ok(stream.into())
}

/// Connects. Other systems refuse a connection at once if the queue is full.
#[cfg(not(target_os = "linux"))]
fn open(socket: &Path, _: Patience) -> rustix::io::Result<UnixStream> {
    UnixStream::connect(socket).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))
}
