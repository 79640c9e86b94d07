//! What slows down attempts to sign in: the wait after failures, one key derivation at a time, and the one-time code.

use super::backoff::Backoff;
use super::code::Codes;
use super::error::{ApiError, Code, Result};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many attempts may wait for their key derivation.
const WAITING: usize = 8;

/// The attempts to sign in.
#[derive(Default)]
pub struct Attempts {
    pub backoff: Backoff,
    pub codes: Codes,
    one: Mutex<()>,
    waiting: AtomicUsize,
}

impl Attempts {
    /// Waits for the turn to derive a key from a passphrase. Each derivation takes a second and much memory, so only
    /// one runs at a time.
    pub fn turn_to_derive(&self) -> Result<Turn<'_>> {
        let queue = Queue::join(&self.waiting)?;
        let one = self.one.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Turn { _one: one, _queue: queue })
    }

    pub fn check_wait(&self, name: &str) -> Result<()> {
        match self.backoff.wait(name) {
            None => Ok(()),
            Some(seconds) => Err(ApiError::new(Code::TooManyRequests, "too many failed attempts to sign in")
                .hint(format!("wait {seconds} seconds"))
                .after(seconds)),
        }
    }
}

/// The turn to derive one key.
pub struct Turn<'a> {
    _one: MutexGuard<'a, ()>,
    _queue: Queue<'a>,
}

/// A place in the queue for the turn.
struct Queue<'a>(&'a AtomicUsize);

impl<'a> Queue<'a> {
    fn join(waiting: &'a AtomicUsize) -> Result<Self> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::SeqCst) >= WAITING {
            return Err(ApiError::new(Code::TooManyRequests, "too many people are signing in at once")
                .hint("try again in a moment")
                .after(5));
        }
        Ok(place)
    }
}

impl Drop for Queue<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
