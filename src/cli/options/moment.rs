//! Parses options that take a point in time.

use vault::Result;
use vault::time::{Bound, Time, future, past};

pub use vault::time::ahead;

/// Parses the time when a value stops working. `never` gives `None`.
pub fn expiry(text: &str, now: Time) -> Result<Option<Time>> {
    future(text, "--expires", now)
}

/// Parses the beginning of a period. A date means its first moment.
pub fn since(text: &str) -> Result<Time> {
    past(text, "--since", Bound::First)
}

/// Parses the end of a period. A date means its last moment.
pub fn until(text: &str) -> Result<Time> {
    past(text, "--until", Bound::Last)
}

/// Parses the time as of which something is shown. A date means its last moment.
pub fn at(text: &str) -> Result<Time> {
    past(text, "--at", Bound::Last)
}

/// Parses the end of a period that is not included. A date means its first moment.
pub fn before(text: &str) -> Result<Time> {
    past(text, "--before", Bound::First)
}

/// Parses the time since which a value has not changed. A date means its first moment.
pub fn stale(text: &str) -> Result<Time> {
    past(text, "--stale", Bound::First)
}
