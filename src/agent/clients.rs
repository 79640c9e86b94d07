//! The clients that an agent serves at once: so many that slow ones keep nobody waiting, and no more than it has room for.

use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// So many are served at once.
const MOST: usize = 128;
/// Where there is no room left, who has been served for longer than this is given up: what a command asks for takes
/// milliseconds.
const LONG: Duration = Duration::from_secs(1);

/// Those served now, the first that came in front.
#[derive(Default)]
pub(super) struct Clients(Mutex<Vec<(Instant, Arc<UnixStream>)>>);

impl Clients {
    /// Whether no more can be served.
    pub(super) fn are_full(&self) -> bool {
        self.served().len() >= MOST
    }

    /// Gives up all who have been served for long.
    pub(super) fn make_room(&self) {
        for (_, stream) in self.served().iter().take_while(|(since, _)| since.elapsed() > LONG) {
            // Whoever serves it finds the end of the connection, and lets it go.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// One more is served.
    pub(super) fn add(&self, stream: UnixStream) -> Arc<UnixStream> {
        let stream = Arc::new(stream);
        self.served().push((Instant::now(), Arc::clone(&stream)));
        stream
    }

    /// This one is served no more.
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
    fn where_no_room_is_left_who_stays_long_must_go() {
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
        assert!(ends[0].read(&mut [0]).is_err(), "nobody has been there for long");
        clients.served()[0].0 -= LONG;
        clients.make_room();
        assert_eq!(ends[0].read(&mut [0]).unwrap(), 0);
        assert!(clients.are_full(), "not before it is let go");
        clients.remove(&streams[0]);
        assert!(!clients.are_full());
    }
}
