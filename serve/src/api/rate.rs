//! Limits the requests per second. A burst may have twice as many.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use vault::agent::now;

/// The requests per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(pub u32);

impl Rate {
    /// The default limit of a session.
    pub const OF_SESSION: Self = Self(1_000);

    /// The limit of all connections from one address, with and without sessions.
    pub fn of_peer(self) -> Self {
        Self(self.0.saturating_mul(4))
    }
}

/// A token bucket for a rate. It holds two seconds' worth of requests.
#[derive(Debug)]
pub struct Bucket(Mutex<Left>);

#[derive(Debug, Clone, Copy)]
struct Left {
    requests: f64,
    at: Duration,
}

impl Bucket {
    /// Returns a full bucket.
    pub fn new(rate: Rate) -> Self {
        Self(Mutex::new(Left { requests: 2.0 * f64::from(rate.0), at: now() }))
    }

    /// Takes one request.
    ///
    /// # Errors
    /// The seconds until the next request is allowed.
    pub fn take(&self, rate: Rate) -> Result<(), u64> {
        self.take_at(rate, now())
    }

    /// Returns the time of the last request.
    pub fn last(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).at
    }

    fn take_at(&self, rate: Rate, now: Duration) -> Result<(), u64> {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = f64::from(rate.0);
        let filled = left.requests + rate * now.saturating_sub(left.at).as_secs_f64();
        *left = Left { requests: filled.min(2.0 * rate), at: now.max(left.at) };
        if left.requests >= 1.0 {
            left.requests -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - left.requests) / rate).as_secs() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_two_seconds_worth_is_allowed_and_then_the_rate_applies() {
        let (rate, start) = (Rate(10), now());
        let bucket = Bucket::new(rate);
        let at = |milliseconds: u64| {
            bucket.take_at(rate, start + Duration::from_secs(1) + Duration::from_millis(milliseconds))
        };
        assert!((0..20).all(|_| at(0).is_ok()));
        assert_eq!(at(0), Err(1));
        assert_eq!((at(100), at(100)), (Ok(()), Err(1)));
        assert!((0..20).all(|_| at(60_000).is_ok()), "the bucket holds no more than two seconds' worth");
        assert_eq!(at(60_000), Err(1));
        assert_eq!(at(0), Err(1), "a clock that goes back adds nothing");
    }
}
