//! How long an agent keeps keys.

use std::time::Duration;

/// How long an agent lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Whatever happens.
    pub total: Duration,
    /// Without being used.
    pub idle: Duration,
}

impl Limits {
    /// What holds where nobody says otherwise.
    pub const USUAL: Self = Self { total: Duration::from_secs(60 * 60), idle: Duration::from_secs(15 * 60) };

    /// What somebody asks for. Who names only how long it lives means that time, used or not; who names only how long it
    /// may be unused doesn't mean it to end before.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_hours_are_eight_hours_unless_an_idle_time_says_otherwise() {
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
}
