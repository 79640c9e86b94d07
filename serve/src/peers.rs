//! Limits the requests from each address, with and without a session.

use crate::api::ApiError;
use crate::api::rate::{Bucket, Rate};
use crate::parse::refused;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// For how many addresses requests are counted.
const MOST: usize = 1_024;

/// The other end of a connection: an IP address, or, on a Unix socket, this user. It comes from the connection, never
/// from a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Peer {
    Address(IpAddr),
    Own,
}

impl From<IpAddr> for Peer {
    /// Returns the peer of an address. All addresses of an IPv6 /64 count as one, because one client has the whole
    /// network.
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V6(address) => {
                let network = address.to_bits() & (u128::MAX << 64);
                Self::Address(if address.is_loopback() { address.into() } else { IpAddr::V6(network.into()) })
            }
            IpAddr::V4(_) => Self::Address(address),
        }
    }
}

/// The requests that each peer may still send.
pub struct Peers {
    rate: Rate,
    by_peer: Mutex<HashMap<Peer, Arc<Bucket>>>,
}

impl Peers {
    pub fn new(rate: Rate) -> Self {
        Self { rate, by_peer: Mutex::default() }
    }

    fn take(&self, peer: Peer) -> Result<(), u64> {
        self.bucket(peer).take(self.rate)
    }

    fn bucket(&self, peer: Peer) -> Arc<Bucket> {
        let mut all = self.all();
        if all.len() >= MOST && !all.contains_key(&peer) {
            let oldest = all.iter().min_by_key(|(_, bucket)| bucket.last()).map(|(peer, _)| *peer);
            oldest.and_then(|oldest| all.remove(&oldest));
        }
        Arc::clone(all.entry(peer).or_insert_with(|| Arc::new(Bucket::new(self.rate))))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Peer, Arc<Bucket>>> {
        self.by_peer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Middleware that limits everything behind the guard.
pub async fn limit(State(peers): State<Arc<Peers>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().copied().unwrap_or(Peer::Own);
    match peers.take(peer) {
        Ok(()) => next.run(request).await,
        Err(seconds) => {
            let mut answer = refused(&ApiError::too_many_requests(seconds));
            // The body was not read, so the connection can't be used again.
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            answer
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> Peer {
        Peer::from(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn each_address_has_its_own_limit_and_an_ipv6_network_counts_as_one() {
        let peers = Peers::new(Rate(1));
        for address in ["10.0.0.1", "10.0.0.2", "2001:db8::1"] {
            assert_eq!((0..3).map(|_| peers.take(peer(address)).is_ok()).collect::<Vec<_>>(), [true, true, false]);
        }
        assert!(peers.take(peer("2001:db8::2")).is_err() && peers.take(peer("2001:db8:0:1::1")).is_ok());
        assert_eq!(peer("::1"), Peer::Address("::1".parse().unwrap()));
    }

    #[test]
    fn the_number_of_counted_addresses_is_bounded() {
        let peers = Peers::new(Rate(1));
        for number in 0..2 * u32::try_from(MOST).unwrap() {
            peers.take(Peer::from(IpAddr::from(number.to_be_bytes()))).unwrap();
        }
        assert_eq!(peers.all().len(), MOST);
    }
}
