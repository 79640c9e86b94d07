//! Slows down guessing. Each failed attempt to sign in makes the next wait longer, per name and for all names together.

use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use vault::agent::now;

/// Failures without a wait: people mistype.
const FREE: u32 = 3;
/// The same for all names together.
const FREE_FOR_ALL: u32 = 30;
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);
/// Failures are forgotten after this time without another failure.
const FORGOTTEN: Duration = Duration::from_secs(15 * 60);
/// For how many names failures are kept.
const MOST: usize = 1_000;

#[derive(Default)]
pub struct Backoff(Mutex<State>);

/// The hash of a name. Clients without a session send names of any length, and a hash takes the same room for each.
type Name = [u8; 32];

fn kept(name: &str) -> Name {
    Sha256::digest(name.as_bytes()).into()
}

#[derive(Default)]
struct State {
    by_name: HashMap<Name, Failures>,
    all: Failures,
}

#[derive(Default, Clone, Copy)]
struct Failures {
    count: u32,
    last: Duration,
}

impl Failures {
    /// Returns the time still to wait.
    fn wait(self, free: u32, now: Duration) -> Duration {
        let Some(over) = self.count.checked_sub(free) else { return Duration::ZERO };
        if self.is_forgotten(now) {
            return Duration::ZERO;
        }
        let wait = Duration::from_secs(1 << over.min(6)).min(LONGEST);
        (self.last + wait).saturating_sub(now)
    }

    fn is_forgotten(self, now: Duration) -> bool {
        now.saturating_sub(self.last) >= FORGOTTEN
    }

    fn add(&mut self, now: Duration) {
        let before = if self.is_forgotten(now) { 0 } else { self.count };
        *self = Self { count: before.saturating_add(1), last: now };
    }
}

impl Backoff {
    /// Returns how many seconds must pass before the next attempt with this name, or `None` if it may come now.
    pub fn wait(&self, name: &str) -> Option<u64> {
        self.wait_at(name, now())
    }

    /// Records a failure. It is recorded before the attempt and removed if the attempt succeeds, so that parallel
    /// attempts count as well.
    pub fn begin(&self, name: &str) {
        self.begin_at(name, now());
    }

    /// Forgets the failures of a name.
    pub fn succeeded(&self, name: &str) {
        let mut state = self.state();
        state.by_name.remove(&kept(name));
        state.all.count = state.all.count.saturating_sub(1);
    }

    fn wait_at(&self, name: &str, now: Duration) -> Option<u64> {
        let state = self.state();
        let by_name = state.by_name.get(&kept(name)).copied().unwrap_or_default();
        let wait = by_name.wait(FREE, now).max(state.all.wait(FREE_FOR_ALL, now));
        (!wait.is_zero()).then(|| wait.as_secs() + 1)
    }

    fn begin_at(&self, name: &str, now: Duration) {
        let (mut state, name) = (self.state(), kept(name));
        if state.by_name.len() >= MOST && !state.by_name.contains_key(&name) {
            let oldest = state.by_name.iter().min_by_key(|(_, failures)| failures.last).map(|(name, _)| *name);
            oldest.and_then(|oldest| state.by_name.remove(&oldest));
        }
        state.by_name.entry(name).or_default().add(now);
        state.all.add(now);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(10_000 + seconds)
    }

    #[test]
    fn each_failure_doubles_the_wait_for_that_name_only() {
        let backoff = Backoff::default();
        for _ in 0..FREE {
            assert_eq!(backoff.wait_at("mia", at(0)), None);
            backoff.begin_at("mia", at(0));
        }
        assert_eq!(backoff.wait_at("mia", at(0)), Some(2));
        assert_eq!(backoff.wait_at("mia", at(1)), None);
        backoff.begin_at("mia", at(1));
        assert_eq!(backoff.wait_at("mia", at(1)), Some(3));
        assert_eq!(backoff.wait_at("noah", at(1)), None);
        for _ in 0..40 {
            backoff.begin_at("mia", at(1));
        }
        assert_eq!(backoff.wait_at("mia", at(1)), Some(61));
        backoff.succeeded("mia");
    }

    #[test]
    fn a_name_of_any_length_takes_the_same_memory() {
        let (backoff, long) = (Backoff::default(), "n".repeat(1024 * 1024));
        for _ in 0..=FREE {
            backoff.begin_at(&long, at(0));
        }
        assert!(backoff.wait_at(&long, at(0)).is_some() && backoff.wait_at(&long[1..], at(0)).is_none());
        assert_eq!(backoff.state().by_name.keys().map(size_of_val).sum::<usize>(), 32);
    }

    #[test]
    fn trying_many_names_makes_all_of_them_wait() {
        let backoff = Backoff::default();
        for number in 0..FREE_FOR_ALL {
            backoff.begin_at(&format!("user{number}"), at(0));
        }
        assert_eq!(backoff.wait_at("mia", at(0)), Some(2));
        assert_eq!(backoff.wait_at("mia", at(16 * 60)), None, "forgotten");
    }

    #[test]
    fn the_right_passphrase_clears_earlier_failures() {
        let backoff = Backoff::default();
        for _ in 0..=FREE {
            backoff.begin_at("mia", at(0));
        }
        assert!(backoff.wait_at("mia", at(0)).is_some());
        backoff.succeeded("mia");
        assert_eq!(backoff.wait_at("mia", at(0)), None);
    }
}
