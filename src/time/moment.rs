//! Parses points in time as people type them: a time in UTC, a date, or a duration from now.

use super::Time;
use crate::error::{Error, Result};
use chrono::{DateTime, Local, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use std::borrow::Cow;
use std::time::Duration;

/// Parses a time in the future, or `never`. A date starts in UTC, because it is stored and must be the same for
/// everybody. `what` is what errors call the time.
///
/// # Errors
/// A usage error if it is not a time, or is in the past.
pub fn future(text: &str, what: &str, now: Time) -> Result<Option<Time>> {
    if text == "never" {
        return Ok(None);
    }
    let ahead = |duration| now.utc().checked_add_signed(duration);
    let hint = "for example 90d, 12h, 2027-02-21 (in UTC), or never";
    match given(text, &Utc, ahead) {
        Some(at) if at > now => Ok(Some(at)),
        Some(_) => Err(Error::usage(format!("{what} is in the past")).hint(hint)),
        None => Err(Error::usage(format!("the value of {what} is not a time")).hint(hint)),
    }
}

/// Parses how far ahead something is announced; `0d` announces nothing.
///
/// # Errors
/// A usage error with examples, if it is not a duration.
pub fn ahead(text: &str) -> Result<Duration> {
    const AHEAD: Durations = Durations {
        shortest: Duration::ZERO,
        longest: Duration::MAX,
        bounds: "",
        units: ["d", "h", "m"],
        examples: "for example 14d, 12h, or 0d for nothing",
    };
    AHEAD.parse(text)
}

/// The durations that an option takes.
#[derive(Debug, Clone, Copy)]
pub struct Durations {
    /// The shortest one.
    pub shortest: Duration,
    /// The longest one.
    pub longest: Duration,
    /// What an error says about a duration that is shorter or longer.
    pub bounds: &'static str,
    /// The units that a number alone may have, the likeliest first.
    pub units: [&'static str; 3],
    /// The hint for a text that is not a duration.
    pub examples: &'static str,
}

impl Durations {
    /// Parses a duration. A number alone could have any unit, so the hint repeats it with each that fits.
    ///
    /// # Errors
    /// A usage error with examples, if the text is not such a duration.
    pub fn parse(&self, text: &str) -> Result<Duration> {
        const LONGEST: usize = 6;
        if !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::usage("the duration has no unit").hint(self.with_units(text)));
        }
        match humantime::parse_duration(text) {
            Ok(duration) if self.has(duration) => Ok(duration),
            Ok(_) => Err(Error::usage(self.bounds).hint(self.examples)),
            Err(_) => Err(Error::usage("not a duration").hint(self.examples)),
        }
    }

    fn has(&self, duration: Duration) -> bool {
        self.shortest <= duration && duration <= self.longest
    }

    fn with_units(&self, number: &str) -> Cow<'static, str> {
        let all = self.units.map(|unit| format!("{number}{unit}"));
        let fits = |text: &&String| humantime::parse_duration(text).is_ok_and(|duration| self.has(duration));
        match all.iter().filter(fits).collect::<Vec<_>>()[..] {
            [] => self.examples.into(),
            [one] => format!("for example {one}").into(),
            [one, two] => format!("for example {one} or {two}").into(),
            [one, two, three, ..] => format!("for example {one}, {two} or {three}").into(),
        }
    }
}

/// Which second is meant by a date, or by a time that occurs twice because clocks are set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The first second: the day from its start.
    First,
    /// The last second: the whole day.
    Last,
}

/// Parses a time in the past, in local time, like the times in the log. `what` is what errors call the time.
///
/// # Errors
/// A usage error if it is not a time.
pub fn past(text: &str, what: &str, bound: Bound) -> Result<Time> {
    local(text, &Local, Utc::now(), bound).ok_or_else(|| {
        Error::usage(format!("the value of {what} is not a time"))
            .hint("for example 2h, 7d, 2026-11-23, \"2026-11-23 08:30\" or 08:30 (in local time)")
    })
}

/// Parses a time in a time zone. A time of day alone means today.
fn local<Z: TimeZone>(text: &str, zone: &Z, now: DateTime<Utc>, bound: Bound) -> Option<Time> {
    let in_zone = |time: NaiveDateTime| match (time.and_local_timezone(zone.clone()), bound) {
        (LocalResult::None, _) => None,
        (LocalResult::Single(time) | LocalResult::Ambiguous(time, _), Bound::First)
        | (LocalResult::Single(time) | LocalResult::Ambiguous(_, time), Bound::Last) => Some(Time::from(time.to_utc())),
    };
    // When clocks are set forward, a skipped time counts as the same time an hour later.
    let exact = |time: NaiveDateTime| in_zone(time).or_else(|| in_zone(time + TimeDelta::hours(1)));
    for form in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, form) {
            return exact(time);
        }
    }
    for form in ["%H:%M:%S", "%H:%M"] {
        if let Ok(time) = NaiveTime::parse_from_str(text, form) {
            return exact(now.with_timezone(zone).date_naive().and_time(time));
        }
    }
    if let Ok(date) = text.parse::<NaiveDate>() {
        let begin = |date: NaiveDate| exact(date.and_time(NaiveTime::MIN));
        return match bound {
            Bound::First => begin(date),
            Bound::Last => begin(date.succ_opt()?)?.utc().checked_sub_signed(TimeDelta::seconds(1)).map(Time::from),
        };
    }
    given(text, zone, |duration| now.checked_sub_signed(duration))
}

/// A date starts at midnight in `zone`. `from_now` turns a duration into a moment.
fn given(text: &str, zone: &impl TimeZone, from_now: impl Fn(TimeDelta) -> Option<DateTime<Utc>>) -> Option<Time> {
    if let Ok(time) = Time::parse(text) {
        return Some(time);
    }
    if let Ok(date) = text.parse::<NaiveDate>() {
        let midnight = date.and_hms_opt(0, 0, 0)?.and_local_timezone(zone.clone()).earliest()?;
        return Some(Time::from(midnight.to_utc()));
    }
    let duration = TimeDelta::from_std(humantime::parse_duration(text).ok()?).ok()?;
    from_now(duration).map(Time::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;

    fn read(text: &str, zone: &impl TimeZone) -> Option<String> {
        let now = Time::parse("2026-11-23T17:00:00Z").unwrap();
        given(text, zone, |duration| now.utc().checked_add_signed(duration)).map(|time| time.to_string())
    }

    #[test]
    fn a_date_starts_at_local_midnight_and_other_forms_do_not_depend_on_the_zone() {
        let east = FixedOffset::east_opt(3600).unwrap();
        assert_eq!(read("2027-02-21", &Utc).unwrap(), "2027-02-21T00:00:00Z");
        assert_eq!(read("2027-02-21", &east).unwrap(), "2027-02-20T23:00:00Z");
        assert_eq!(read("2027-02-21T08:00:00Z", &east).unwrap(), "2027-02-21T08:00:00Z");
        assert_eq!(read("2h", &east).unwrap(), "2026-11-23T19:00:00Z");
        for wrong in ["", "2027-02-30", "tomorrow", "9999999999999d", "2027-02-21 08:00"] {
            assert_eq!(read(wrong, &Utc), None, "{wrong}");
        }
    }

    #[test]
    fn within_takes_a_duration_which_may_be_zero() {
        assert_eq!(ahead("14d"), Ok(Duration::from_secs(14 * 24 * 3600)));
        assert_eq!(ahead("0d"), Ok(Duration::ZERO));
        for wrong in ["", "14", "-1d", "2027-02-21", "soon"] {
            assert!(ahead(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_suggested_duration_is_accepted_by_the_option() {
        let minute = Durations {
            shortest: Duration::from_secs(10),
            longest: Duration::from_secs(60),
            bounds: "from 10s to 1m",
            units: ["s", "m", "h"],
            examples: "for example 30s",
        };
        let hint = |text: &str| minute.parse(text).unwrap_err().advice().unwrap().to_string();
        assert_eq!(hint("1"), "for example 1m");
        assert_eq!(hint("30"), "for example 30s");
        for none in ["0", "9999", "2h", "soon"] {
            assert_eq!(hint(none), "for example 30s", "{none}");
        }
        assert_eq!(minute.parse("2h").unwrap_err().to_string(), "from 10s to 1m");
        assert_eq!(minute.parse("60s"), Ok(Duration::from_secs(60)));
    }

    fn local_time(text: &str, bound: Bound) -> Option<String> {
        let now = Time::parse("2026-11-23T23:30:00Z").unwrap().utc();
        let east = FixedOffset::east_opt(3600).unwrap();
        local(text, &east, now, bound).map(|time| time.to_string())
    }

    #[test]
    fn a_time_of_day_is_local_and_means_today_without_a_date() {
        for (text, time) in [
            ("2026-11-20 08:30", "2026-11-20T07:30:00Z"),
            ("2026-11-20T08:30", "2026-11-20T07:30:00Z"),
            ("2026-11-20 08:30:15", "2026-11-20T07:30:15Z"),
            // In that zone it is already the 24th.
            ("00:15", "2026-11-23T23:15:00Z"),
            ("08:30:15", "2026-11-24T07:30:15Z"),
            ("2026-11-20T08:30:00Z", "2026-11-20T08:30:00Z"),
            ("2h", "2026-11-23T21:30:00Z"),
        ] {
            assert_eq!(local_time(text, Bound::First).unwrap(), time, "{text}");
            assert_eq!(local_time(text, Bound::Last).unwrap(), time, "{text}");
        }
        for wrong in ["", "25:00", "2026-11-20 8", "2026-11-31 08:00", "8:30pm", "2026-11-20 08:30 "] {
            assert_eq!(local_time(wrong, Bound::First), None, "{wrong}");
        }
    }

    #[test]
    fn since_a_date_starts_at_its_beginning_and_until_a_date_includes_it() {
        assert_eq!(local_time("2026-11-20", Bound::First).unwrap(), "2026-11-19T23:00:00Z");
        assert_eq!(local_time("2026-11-20", Bound::Last).unwrap(), "2026-11-20T22:59:59Z");
    }
}
