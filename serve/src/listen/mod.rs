//! The listeners: a TCP address with or without TLS, the user's own Unix socket, or a socket from systemd.

mod activation;
mod connection;
mod socket;
mod tls;
mod unix;

pub use activation::handed_over;
pub use connection::Connection;

use crate::options::Options;
use crate::peers::Peer;
use connection::Stream;
use rustix::fd::OwnedFd;
use socket::Socket;
use std::net::{IpAddr, SocketAddr};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsAcceptor;
use vault::{Error, Result};

/// What the server listens on.
pub struct Listener {
    socket: Socket,
    tls: Option<TlsAcceptor>,
}

/// A new connection from which nothing was read yet.
pub enum Accepted {
    Tcp(TcpStream, IpAddr, Option<TlsAcceptor>),
    Unix(UnixStream),
}

impl Listener {
    /// Listens as the options say. A socket from systemd takes precedence over their address.
    pub fn open(options: &Options, handed_over: Option<OwnedFd>) -> Result<Self> {
        let tls = match (&options.tls_cert, &options.tls_key) {
            (Some(certificates), Some(key)) => Some(tls::acceptor(certificates, key)?),
            _ => None,
        };
        let socket = match (handed_over, &options.socket) {
            (Some(passed), _) => activation::take_over(passed)?,
            (None, Some(path)) => Socket::Unix(unix::listen(path)?, Some(path.clone())),
            (None, None) => Socket::tcp(options.listen)?,
        };
        let listener = Self { socket, tls };
        listener.check(options)?;
        Ok(listener)
    }

    /// Checks that an address which others can reach has TLS and a host name.
    fn check(&self, options: &Options) -> Result<()> {
        let Socket::Tcp(_, address) = &self.socket else { return Ok(()) };
        if !address.ip().is_loopback() && self.tls.is_none() {
            return Err(Error::usage(format!("others can reach {}, and nothing is encrypted", address.ip()))
                .hint("listen on 127.0.0.1, or give --tls-cert and --tls-key"));
        }
        if address.ip().is_unspecified() && options.hosts.is_empty() {
            return Err(Error::usage(format!("{} doesn't say by which name clients reach the server", address.ip()))
                .hint("name it: --host vault.example"));
        }
        Ok(())
    }

    /// Returns the address for the first line of standard output.
    pub fn base(&self, options: &Options) -> String {
        match &self.socket {
            Socket::Tcp(_, address) => {
                let scheme = if self.tls.is_some() { "https" } else { "http" };
                let named = options.hosts.first().filter(|_| address.ip().is_unspecified());
                named.map_or(format!("{scheme}://{address}"), |name| format!("{scheme}://{}", with_port(name, address)))
            }
            Socket::Unix(listener, _) => {
                let address = listener.local_addr().ok();
                let path = address.as_ref().and_then(|address| address.as_pathname());
                format!("unix:{}", path.map(|path| path.display().to_string()).unwrap_or_default())
            }
        }
    }

    /// Returns the accepted Host headers. The list has no name that a page of another machine could have.
    pub fn hosts(&self, options: &Options) -> Vec<String> {
        match &self.socket {
            Socket::Tcp(_, address) => {
                let mut hosts: Vec<String> = options.hosts.iter().map(|name| with_port(name, address)).collect();
                if !address.ip().is_unspecified() {
                    hosts.push(address.to_string());
                }
                if address.ip().is_loopback() {
                    hosts.push(format!("localhost:{}", address.port()));
                }
                hosts
            }
            // No browser can reach a Unix socket, so its clients may send any Host.
            Socket::Unix(..) => Vec::new(),
        }
    }

    /// Accepts the next connection from a client that may connect.
    pub async fn accept(&self) -> std::io::Result<Accepted> {
        match &self.socket {
            Socket::Tcp(listener, _) => {
                let (stream, address) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Accepted::Tcp(stream, address.ip().to_canonical(), self.tls.clone()))
            }
            Socket::Unix(listener, _) => loop {
                let (stream, _) = listener.accept().await?;
                if unix::is_own(&stream) {
                    return Ok(Accepted::Unix(stream));
                }
            },
        }
    }
}

impl Accepted {
    /// Returns the peer at the other end.
    pub fn peer(&self) -> Peer {
        match self {
            Self::Unix(_) => Peer::Own,
            Self::Tcp(_, address, _) => Peer::from(*address),
        }
    }

    /// Returns the stream for requests, or `None` if the TLS handshake fails.
    pub async fn stream(self) -> Option<Connection> {
        let stream: Box<dyn Stream> = match self {
            Self::Unix(stream) => Box::new(stream),
            Self::Tcp(stream, _, None) => Box::new(stream),
            Self::Tcp(stream, _, Some(tls)) => {
                let shaken = tokio::time::timeout(tls::PATIENCE, tls.accept(stream)).await;
                Box::new(shaken.ok()?.ok()?)
            }
        };
        Some(Connection::new(stream))
    }
}

fn with_port(name: &str, address: &SocketAddr) -> String {
    let has_port = name.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if has_port { name.to_owned() } else { format!("{name}:{}", address.port()) }
}
