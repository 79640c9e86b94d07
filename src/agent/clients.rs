//! The clients that an agent serves at the same time. Their number is high enough that slow ones delay nobody, and
//! limited to what the agent has room for.

use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The maximum number of clients served at the same time.
const MOST: usize = 128;
/// If there is no room left, clients that have been served for longer than this are disconnected. A command's request
/// takes milliseconds.
const LONG: Duration = Duration::from_secs(1);

/// The clients being served, oldest first.
#[derive(Default)]
pub(super) struct Clients(Mutex<Vec<(Instant, Arc<UnixStream>)>>);

impl Clients {
    /// Whether there is no room for another client.
    pub(super) fn are_full(&self) -> bool {
        self.served().len() >= MOST
    }

    /// Disconnects all clients that have been served for long.
    pub(super) fn make_room(&self) {
        for (_, stream) in self.served().iter().take_while(|(since, _)| since.elapsed() > LONG) {
            // The thread that serves the client then sees the end of the connection, and removes the client.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Adds a client.
    pub(super) fn add(&self, stream: UnixStream) -> Arc<UnixStream> {
        let stream = Arc::new(stream);
        self.served().push((Instant::now(), Arc::clone(&stream)));
        stream
    }

    /// Removes a client.
    pub(super) fn remove(&self, stream: &Arc<UnixStream>) {
        self.served().retain(|(_, other)| !Arc::ptr_eq(stream, other));
    }

    fn served(&self) -> MutexGuard<'_, Vec<(Instant, Arc<UnixStream>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn if_all_places_are_taken_the_longest_connected_client_is_dropped() {
        let clients = Clients::default();
        let (mut ends, mut streams) = (Vec::new(), Vec::new());
        for _ in 0..MOST {
            assert!(!clients.are_full());
            let (here, there) = UnixStream::pair().unwrap();
            streams.push(clients.add(here));
            ends.push(there);
        }
        assert!(clients.are_full());
        ends[0].set_nonblocking(true).unwrap();
        clients.make_room();
        assert!(ends[0].read(&mut [0]).is_err(), "no client has been connected for long");
        clients.served()[0].0 -= LONG;
        clients.make_room();
        assert_eq!(ends[0].read(&mut [0]).unwrap(), 0);
        assert!(clients.are_full(), "the place is free only after the client is dropped");
        clients.remove(&streams[0]);
        assert!(!clients.are_full());
    }
}
