//! A socket that systemd has opened (sd_listen_fds(3)): one, as descriptor 3.

use super::{Door, Listener, unix};
use rustix::net::AddressFamily;
use vault::settings::Variable;
use vault::{Error, Result};

const FIRST: i32 = 3;

/// The socket that was handed over to this very process, if one was.
pub fn socket() -> Result<Option<Door>> {
    let is_meant = Variable::ListenPid.text().is_some_and(|pid| pid == std::process::id().to_string());
    let count = Variable::ListenFds.text().filter(|_| is_meant).and_then(|count| count.parse::<u32>().ok());
    match count {
        None | Some(0) => return Ok(None),
        Some(1) => {}
        Some(count) => {
            return Err(
                Error::usage(format!("systemd hands over {count} sockets")).hint("one is enough: ListenStream=")
            );
        }
    }
    let unusable = || Error::failed("what systemd hands over is no socket to listen on");
    let socket = vault::fs::inherited(FIRST).ok_or_else(unusable)?;
    let address = rustix::net::getsockname(&socket).map_err(|_| unusable())?;
    let door = match address.address_family() {
        AddressFamily::UNIX => unix::of_std(socket.into()).map(|listener| Door::Unix(listener, None)),
        AddressFamily::INET | AddressFamily::INET6 => Listener::of_tcp(socket.into()),
        _ => return Err(unusable()),
    };
    door.map(Some).map_err(|_| unusable())
}
