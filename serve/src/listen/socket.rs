//! A listening socket.

use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::net::{TcpListener, UnixListener};
use vault::{Error, Result};

/// Where the server listens.
pub enum Socket {
    Tcp(TcpListener, SocketAddr),
    /// The path is removed on drop. A socket from systemd has none.
    Unix(UnixListener, Option<PathBuf>),
}

impl Socket {
    /// Listens on an address.
    pub fn tcp(address: SocketAddr) -> Result<Self> {
        let cannot = |error: &std::io::Error| {
            Error::failed(format!("cannot listen on {address}: {}", vault::error::reason(error)))
                .hint("port 0 picks a free port: --listen 127.0.0.1:0")
        };
        let listener = std::net::TcpListener::bind(address).map_err(|error| cannot(&error))?;
        Self::of_tcp(listener).map_err(|error| cannot(&error))
    }

    /// Takes over a listening socket.
    pub fn of_tcp(listener: std::net::TcpListener) -> std::io::Result<Self> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self::Tcp(TcpListener::from_std(listener)?, address))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Socket::Unix(_, Some(path)) = self {
            let _ = std::fs::remove_file(path);
        }
    }
}
