//! What counts as soon.

use crate::time::Time;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// How long before an expiry or a planned replacement `vault` announces it, unless the user says otherwise.
pub const ANNOUNCED: Duration = Duration::from_secs(7 * 24 * 3600);

/// The current time, and the time up to which something counts as soon.
#[derive(Debug, Clone, Copy)]
pub struct DueWindow {
    /// The current time.
    pub now: Time,
    /// The last time that counts as soon.
    pub until: Time,
}

impl DueWindow {
    /// Returns the window from `now` over the time `ahead`, limited to the end of the calendar.
    #[must_use]
    pub fn new(now: Time, ahead: Duration) -> Self {
        let ahead = chrono::TimeDelta::from_std(ahead).ok();
        let until = ahead.and_then(|ahead| now.utc().checked_add_signed(ahead)).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Self { now, until: Time::from(until) }
    }

    /// Whether `time` is in the future, but soon.
    #[must_use]
    pub(crate) fn is_near(self, time: Time) -> bool {
        self.now < time && time <= self.until
    }
}
