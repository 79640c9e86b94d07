//! Limits how long an agent keeps keys.

use crate::error::Result;
use crate::time::Durations;
use std::time::Duration;

/// The limits of an agent's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The maximum time, whatever happens.
    pub total: Duration,
    /// The maximum time without use.
    pub idle: Duration,
}

impl Limits {
    /// The default limits.
    pub const USUAL: Self = Self { total: Duration::from_secs(60 * 60), idle: Duration::from_secs(15 * 60) };

    /// Returns the limits that a user chose. A total time alone holds whether the agent is used or not. An idle time
    /// alone extends the total time if necessary.
    #[must_use]
    pub fn chosen(total: Option<Duration>, idle: Option<Duration>) -> Self {
        match (total, idle) {
            (None, None) => Self::USUAL,
            (Some(total), None) => Self { total, idle: total },
            (None, Some(idle)) => Self { total: idle.max(Self::USUAL.total), idle },
            (Some(total), Some(idle)) => Self { total, idle: idle.min(total) },
        }
    }
}

/// Parses how long keys or a copy may be kept: `8h`.
///
/// # Errors
/// A usage error with an example or the bounds.
pub fn duration(text: &str) -> Result<Duration> {
    const KEPT: Durations = Durations {
        shortest: Duration::from_secs(1),
        longest: Duration::from_secs(30 * 24 * 3600),
        bounds: "the duration must be from 1 second to 30 days",
        units: ["h", "m", "s"],
        examples: "for example 8h, 30m or 90s",
    };
    KEPT.parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_total_time_also_sets_the_idle_time_unless_one_is_given() {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let chosen = |total: Option<u64>, idle: Option<u64>| {
            let limits = Limits::chosen(total.map(hours), idle.map(hours));
            (limits.total, limits.idle)
        };
        assert_eq!(chosen(Some(8), None), (hours(8), hours(8)));
        assert_eq!(chosen(Some(8), Some(1)), (hours(8), hours(1)));
        assert_eq!(chosen(Some(1), Some(8)), (hours(1), hours(1)));
        assert_eq!(chosen(None, Some(8)), (hours(8), hours(8)));
        assert_eq!(Limits::chosen(None, Some(Duration::from_secs(60))).total, Limits::USUAL.total);
        assert_eq!(Limits::chosen(None, None), Limits::USUAL);
    }

    #[test]
    fn keys_are_kept_for_at_least_a_second_and_at_most_a_month() {
        assert_eq!((duration("8h"), duration("1s")), (Ok(Duration::from_secs(8 * 3600)), Ok(Duration::from_secs(1))));
        for wrong in ["", "8", "0s", "31d", "2027-01-01"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
