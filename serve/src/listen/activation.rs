//! Socket activation by systemd (sd_listen_fds(3)): one socket, as descriptor 3.

use super::socket::Socket;
use super::unix;
use rustix::fd::OwnedFd;
use rustix::net::AddressFamily;
use vault::settings::Variable;
use vault::{Error, Result};

const FIRST: i32 = 3;
/// The listen backlog, as systemd sets it.
const BACKLOG: i32 = 4096;

/// Returns the socket that systemd passed to this process, if there is one. Call it before anything else is opened, or
/// another file may have the descriptor.
pub fn handed_over() -> Result<Option<OwnedFd>> {
    let is_meant = Variable::ListenPid.text().is_some_and(|pid| pid == std::process::id().to_string());
    let count = Variable::ListenFds.text().filter(|_| is_meant).and_then(|count| count.parse::<u32>().ok());
    match count {
        None | Some(0) => Ok(None),
        Some(1) => vault::fs::inherited(FIRST).map(Some).ok_or_else(unusable),
        Some(count) => {
            Err(Error::usage(format!("systemd passes {count} sockets")).hint("keep one ListenStream= in the unit"))
        }
    }
}

/// Takes over the socket.
pub fn take_over(socket: OwnedFd) -> Result<Socket> {
    // The socket listens already, so this changes nothing. It fails for datagram and connected sockets, which would
    // never accept a connection.
    rustix::net::listen(&socket, BACKLOG).map_err(|_| unusable())?;
    let address = rustix::net::getsockname(&socket).map_err(|_| unusable())?;
    let taken = match address.address_family() {
        AddressFamily::UNIX => unix::of_std(socket.into()).map(|listener| Socket::Unix(listener, None)),
        AddressFamily::INET | AddressFamily::INET6 => Socket::of_tcp(socket.into()),
        _ => return Err(unusable()),
    };
    taken.map_err(|_| unusable())
}

fn unusable() -> Error {
    Error::failed("systemd passes something that is not a listening socket")
        .hint("the unit needs ListenStream= and Accept=no")
}
