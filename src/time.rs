//! Points in time: in the form that the file, the log and JSON use, and as people type them.

mod moment;

pub use moment::{Bound, Durations, ahead, future, past};

use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Visitor};
use std::fmt;

/// A moment in RFC 3339, in UTC and whole seconds, always in the form `2026-11-23T17:00:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub struct Time(DateTime<Utc>);

impl Time {
    /// Returns the current time of the system's clock.
    #[must_use]
    pub fn now() -> Self {
        Self::from(Utc::now())
    }

    /// Returns the time as chrono's type.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// Parses a time in this form.
    ///
    /// # Errors
    /// A usage error if `text` has another form.
    pub fn parse(text: &str) -> Result<Self> {
        parse(text.as_bytes()).ok_or_else(|| Error::usage("a time is not of the form 2026-11-23T17:00:00Z"))
    }
}

/// Accepts one form only: RFC 3339 also allows offsets, fractions, lower case, a space and leap seconds.
fn parse(text: &[u8]) -> Option<Time> {
    const FORM: &[u8] = b"0000-00-00T00:00:00Z";
    let fits = |(byte, form): (&u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form };
    if text.len() != FORM.len() || !text.iter().zip(FORM).all(fits) {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].iter().fold(0, |sum, byte| 10 * sum + u32::from(byte - b'0'));
    let date = NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)).ok()?, number(5, 7), number(8, 10))?;
    Some(Time(date.and_hms_opt(number(11, 13), number(14, 16), number(17, 19))?.and_utc()))
}

impl From<DateTime<Utc>> for Time {
    /// Drops fractions of a second.
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

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reader)
    }
}

/// Reads a time without copying its text: a large vault has tens of thousands of them.
struct Reader;

impl Visitor<'_> for Reader {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Time, E> {
        Time::parse(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_notation_of_a_time_is_accepted() {
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
