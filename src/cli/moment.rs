//! Moments as people give them: a time in UTC, a date, or how long from now.

use chrono::{DateTime, Local, NaiveDate, TimeDelta, TimeZone, Utc};
use vault::time::Time;
use vault::{Error, Result};

/// When a value stops working, or never. A date begins in UTC: it is stored, and is the same for everybody.
pub fn expiry(text: &str, now: Time) -> Result<Option<Time>> {
    if text == "never" {
        return Ok(None);
    }
    let ahead = |duration| now.utc().checked_add_signed(duration);
    let hint = "for example 90d, 12h, 2027-02-21 (in UTC), or never";
    match given(text, &Utc, ahead) {
        Some(at) if at > now => Ok(Some(at)),
        Some(_) => Err(Error::usage("--expires is in the past").hint(hint)),
        None => Err(Error::usage("--expires is no time").hint(hint)),
    }
}

/// Since when. A date begins in the local time, in which the log shows its entries.
pub fn since(text: &str) -> Result<Time> {
    past(text, "--since")
}

/// Before when, as in [`since`].
pub fn before(text: &str) -> Result<Time> {
    past(text, "--before")
}

fn past(text: &str, option: &str) -> Result<Time> {
    let back = |duration| Time::now().utc().checked_sub_signed(duration);
    given(text, &Local, back).ok_or_else(|| {
        Error::usage(format!("{option} is no time")).hint("for example 2h, 7d or 2026-11-23 (in local time)")
    })
}

/// A date begins at midnight in `zone`; what `from_now` makes of a duration is up to the caller.
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
    fn a_date_begins_in_its_zone_and_all_else_is_the_same_everywhere() {
        let east = FixedOffset::east_opt(3600).unwrap();
        assert_eq!(read("2027-02-21", &Utc).unwrap(), "2027-02-21T00:00:00Z");
        assert_eq!(read("2027-02-21", &east).unwrap(), "2027-02-20T23:00:00Z");
        assert_eq!(read("2027-02-21T08:00:00Z", &east).unwrap(), "2027-02-21T08:00:00Z");
        assert_eq!(read("2h", &east).unwrap(), "2026-11-23T19:00:00Z");
        for wrong in ["", "2027-02-30", "tomorrow", "9999999999999d", "2027-02-21 08:00"] {
            assert_eq!(read(wrong, &Utc), None, "{wrong}");
        }
    }
}
