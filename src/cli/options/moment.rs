//! The options that take a moment.

use vault::Result;
use vault::moment::{Bound, future, past};
use vault::time::Time;

pub use vault::moment::{ahead, duration};

/// When a value stops working, or never.
pub fn expiry(text: &str, now: Time) -> Result<Option<Time>> {
    future(text, "--expires", now)
}

/// Since when.
pub fn since(text: &str) -> Result<Time> {
    past(text, "--since", Bound::First)
}

/// Until when: a date counts whole.
pub fn until(text: &str) -> Result<Time> {
    past(text, "--until", Bound::Last)
}

/// As of when: a date counts whole.
pub fn at(text: &str) -> Result<Time> {
    past(text, "--at", Bound::Last)
}

/// Before when.
pub fn before(text: &str) -> Result<Time> {
    past(text, "--before", Bound::First)
}

/// Since when a value may have been the same.
pub fn stale(text: &str) -> Result<Time> {
    past(text, "--stale", Bound::First)
}
