//! Shows entries grouped by day on a terminal.

use crate::cli::showing::toned::Tone;
use crate::cli::showing::words::ago;
use chrono::{Local, NaiveDate, NaiveDateTime, Timelike as _};
use std::collections::HashSet;
use vault::log::{Line, Outcome};
use vault::time::Time;

/// For an entry of the last hour, it helps to see how long ago it was. In minutes.
const RECENT: i64 = 60;

/// How the times of entries are shown. On a terminal they are under a heading for their day. In a pipe they include the
/// date, except today.
pub struct Times {
    is_by_day: bool,
    now: Time,
    today: NaiveDate,
    /// The minutes of today that have entries.
    minutes: HashSet<u32>,
    /// Whether any of these minutes has several entries. Then seconds are shown, so that the order is visible.
    needs_seconds: bool,
    /// The widest time in columns, without seconds and with seconds.
    widths: (usize, usize),
}

fn local(time: Time) -> NaiveDateTime {
    time.utc().with_timezone(&Local).naive_local()
}

impl Times {
    /// Returns the times before any entry was measured.
    pub fn new(is_by_day: bool, now: Time) -> Self {
        let (today, minutes) = (local(now).date(), HashSet::new());
        Self { is_by_day, now, today, minutes, needs_seconds: false, widths: (0, 0) }
    }

    /// Measures the time of an entry that will be shown.
    pub fn pass(&mut self, time: Time) {
        let at = local(time);
        let is_today = at.date() == self.today;
        if is_today {
            self.needs_seconds |= !self.minutes.insert(at.hour() * 60 + at.minute());
        }
        let (without, with) = self.widths;
        let width = |has_seconds| self.form(is_today, has_seconds).len() + self.passed(time).map_or(0, |ago| ago.len());
        self.widths = (without.max(width(false)), with.max(width(true)));
    }

    /// Returns the width of the times in columns.
    pub fn width(&self) -> usize {
        if self.needs_seconds { self.widths.1 } else { self.widths.0 }
    }

    /// Returns the heading above an entry, if its day differs from that of the previous entry.
    pub fn heading(&self, time: Time, before: Option<Time>) -> Option<String> {
        let day = local(time).date();
        let is_new = before.is_none_or(|before| local(before).date() != day);
        (self.is_by_day && is_new).then(|| heading(day, self.today))
    }

    /// Returns the time of an entry.
    pub fn text(&self, time: Time) -> String {
        self.text_with(time, self.needs_seconds)
    }

    fn text_with(&self, time: Time, has_seconds: bool) -> String {
        let at = local(time);
        let form = self.form(at.date() == self.today, has_seconds);
        let (date, hour, minute, second) = (at.date(), at.hour(), at.minute(), at.second());
        let mut text = match form {
            Form::Minute => format!("{hour:02}:{minute:02}"),
            Form::Second => format!("{hour:02}:{minute:02}:{second:02}"),
            Form::Dated => format!("{date} {hour:02}:{minute:02}"),
        };
        text.extend(self.passed(time));
        text
    }

    fn form(&self, is_today: bool, has_seconds: bool) -> Form {
        match (self.is_by_day, is_today) {
            (true, true) if has_seconds => Form::Second,
            (true, _) | (false, true) => Form::Minute,
            (false, false) => Form::Dated,
        }
    }

    /// Returns how long ago a recent entry was written.
    fn passed(&self, time: Time) -> Option<String> {
        let passed = (self.now.utc() - time.utc()).num_minutes();
        (self.is_by_day && (0..RECENT).contains(&passed)).then(|| format!("  {}", ago(time, self.now)))
    }
}

/// The form in which a time is shown.
#[derive(Clone, Copy)]
enum Form {
    /// `08:30`
    Minute,
    /// `08:30:15`
    Second,
    /// `2026-11-23 08:30`
    Dated,
}

impl Form {
    /// Returns the length of a time, in columns.
    fn len(self) -> usize {
        match self {
            Self::Minute => "08:30".len(),
            Self::Second => "08:30:15".len(),
            Self::Dated => "2026-11-23 08:30".len(),
        }
    }
}

/// Returns the tone of an entry. Refusals and failures stand out.
pub fn tone(line: &Line) -> Tone {
    match line.entry.outcome {
        Outcome::Ok => Tone::Plain,
        Outcome::Denied | Outcome::Failed => Tone::Alarming,
    }
}

/// Returns a heading: `Today, 2026-11-29`, `Monday, 2026-11-23`
fn heading(date: NaiveDate, today: NaiveDate) -> String {
    let name = match (today - date).num_days() {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => date.format("%A").to_string(),
    };
    format!("{name}, {date}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_days_have_names_and_others_dates() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = date("2026-11-29");
        assert_eq!(heading(today, today), "Today, 2026-11-29");
        assert_eq!(heading(date("2026-11-28"), today), "Yesterday, 2026-11-28");
        assert_eq!(heading(date("2026-11-23"), today), "Monday, 2026-11-23");
        assert_eq!(
            heading(date("2026-11-30"), today),
            "Monday, 2026-11-30",
            "a date in the future, from a wrong clock"
        );
    }

    #[test]
    fn times_are_shown_under_their_day_or_with_their_date_and_with_seconds_if_needed() {
        let at = |text: &str| -> Time {
            let local = text.parse::<NaiveDateTime>().unwrap().and_local_timezone(Local).unwrap();
            local.to_utc().into()
        };
        let (now, today, earlier) = (at("2026-11-29T15:00:00"), at("2026-11-29T08:30:10"), at("2026-11-28T08:30:00"));
        let by_day = Times::new(true, now);
        assert_eq!((by_day.text(today), by_day.text(earlier)), ("08:30".to_owned(), "08:30".to_owned()));
        assert_eq!(by_day.heading(earlier, None).as_deref(), Some("Yesterday, 2026-11-28"));
        assert_eq!(by_day.heading(today, Some(earlier)).as_deref(), Some("Today, 2026-11-29"));
        assert_eq!(by_day.heading(now, Some(today)), None);
        let plain = Times::new(false, now);
        assert_eq!((plain.text(today), plain.text(earlier)), ("08:30".to_owned(), "2026-11-28 08:30".to_owned()));
        assert_eq!(plain.heading(earlier, None), None);
        let mut several = Times::new(true, now);
        for time in [today, at("2026-11-29T08:30:40")] {
            several.pass(time);
        }
        assert_eq!(
            (several.text(today), several.text(earlier), several.width()),
            ("08:30:10".into(), "08:30".into(), 8)
        );
    }
}
