//! One thread that has served a client and waits for the next one, so that a command does not wait for a new thread.

use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};

/// The place where one thread waits. A client changes hands only if a thread is waiting for it: the channel keeps none.
pub(super) struct Spare {
    giver: SyncSender<Arc<UnixStream>>,
    taker: Mutex<Receiver<Arc<UnixStream>>>,
}

impl Spare {
    pub(super) fn new() -> Self {
        let (giver, taker) = sync_channel(0);
        Self { giver, taker: Mutex::new(taker) }
    }

    /// Gives the client to the waiting thread.
    ///
    /// # Errors
    /// If none waits: the client.
    pub(super) fn give(&self, client: Arc<UnixStream>) -> Result<(), Arc<UnixStream>> {
        self.giver.try_send(client).map_err(|(TrySendError::Full(client) | TrySendError::Disconnected(client))| client)
    }

    /// Waits for the next client; `None` if another thread waits already.
    pub(super) fn wait(&self) -> Option<Arc<UnixStream>> {
        self.taker.try_lock().ok()?.recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_given_to_the_waiting_thread() {
        let spare = Spare::new();
        let client = Arc::new(UnixStream::pair().unwrap().0);
        let given_back = spare.give(Arc::clone(&client)).unwrap_err();
        assert!(Arc::ptr_eq(&given_back, &client), "nobody waits");
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| spare.wait());
            // The thread may take a while until it waits.
            while spare.give(Arc::clone(&client)).is_err() {
                std::thread::yield_now();
            }
            assert!(Arc::ptr_eq(&waiting.join().unwrap().unwrap(), &client));
        });
        assert!(spare.give(client).is_err(), "the thread serves the client and no longer waits");
    }

    #[test]
    fn only_one_thread_waits_for_a_client() {
        let spare = Spare::new();
        let waiting = spare.taker.lock().unwrap();
        assert!(spare.wait().is_none());
        drop(waiting);
    }
}
