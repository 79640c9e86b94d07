//! Moments as the file, the log and JSON write them.

use crate::error::{Error, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment in RFC 3339, in UTC and whole seconds: `2026-11-23T17:00:00Z`, in that one form only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "std::borrow::Cow<'_, str>", into = "String")]
pub struct Time(DateTime<Utc>);

impl Time {
    /// Now, by the system's clock.
    #[must_use]
    pub fn now() -> Self {
        Self::from(Utc::now())
    }

    /// As the date library has it.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// Reads the one form.
    ///
    /// # Errors
    /// A usage error if `text` has another form.
    pub fn parse(text: &str) -> Result<Self> {
        // RFC 3339 also allows offsets, fractions, small letters, a space and leap seconds.
        let one_form = text.len() == 20 && text.as_bytes()[10] == b'T' && text.ends_with('Z');
        let parsed = DateTime::parse_from_rfc3339(text).ok().filter(|_| one_form).map(|time| Self(time.to_utc()));
        parsed
            .filter(|time| time.0.timestamp_subsec_nanos() == 0)
            .ok_or_else(|| Error::usage("a time is not of the form 2026-11-23T17:00:00Z"))
    }
}

impl From<DateTime<Utc>> for Time {
    /// Drops what is finer than a second.
    fn from(time: DateTime<Utc>) -> Self {
        Self(DateTime::from_timestamp(time.timestamp(), 0).unwrap_or(time))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.to_string()
    }
}

impl TryFrom<std::borrow::Cow<'_, str>> for Time {
    type Error = Error;

    fn try_from(text: std::borrow::Cow<'_, str>) -> Result<Self> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_form_of_a_moment_is_read() {
        assert_eq!(Time::parse("2026-11-23T17:00:00Z").unwrap().to_string(), "2026-11-23T17:00:00Z");
        let others = [
            "2026-11-23T17:00:00+00:00",
            "2026-11-23 17:00:00Z",
            "2026-11-23t17:00:00Z",
            "2026-11-23T17:00:00z",
            "2026-1-23T17:00:00Z",
            "2026-11-23T17:00:00.5Z",
            "2026-11-23T17:00:60Z",
            "2026-13-23T17:00:00Z",
            "026-11-23T17:00:000Z",
            "2026-11-23T17:00 00Z",
            "",
        ];
        for text in others {
            assert!(Time::parse(text).is_err(), "{text}");
        }
    }
}
