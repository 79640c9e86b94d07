//! A socket that systemd has opened (sd_listen_fds(3)): one, as descriptor 3.

use super::{Door, Listener, unix};
use rustix::fd::OwnedFd;
use rustix::net::AddressFamily;
use vault::settings::Variable;
use vault::{Error, Result};

const FIRST: i32 = 3;
/// How many connections may wait, as systemd has it.
const BACKLOG: i32 = 4096;

/// What was handed over to this very process, if something was. To be called before this process opened anything: else that
/// may have the number.
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

/// The same as a socket to listen on.
pub fn door(socket: OwnedFd) -> Result<Door> {
    // It listens already. One for datagrams, or one that is connected, can't, and would never be handed a connection.
    rustix::net::listen(&socket, BACKLOG).map_err(|_| unusable())?;
    let address = rustix::net::getsockname(&socket).map_err(|_| unusable())?;
    let door = match address.address_family() {
        AddressFamily::UNIX => unix::of_std(socket.into()).map(|listener| Door::Unix(listener, None)),
        AddressFamily::INET | AddressFamily::INET6 => Listener::of_tcp(socket.into()),
        _ => return Err(unusable()),
    };
    door.map_err(|_| unusable())
}

fn unusable() -> Error {
    Error::failed("systemd passes something that is not a listening socket")
        .hint("the unit needs ListenStream= and Accept=no")
}
