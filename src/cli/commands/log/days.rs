//! Entries by day, as a person reads them on a terminal.

use crate::cli::showing::toned::Tone;
use crate::cli::showing::words::ago;
use chrono::{Local, NaiveDate, NaiveDateTime, Timelike as _};
use std::collections::HashSet;
use vault::log::{Line, Outcome};
use vault::time::Time;

/// Within this many minutes it helps to know how long ago it was.
const RECENT: i64 = 60;

/// How the times of entries are shown: on a terminal under their days, in a pipe with the date, except those of today.
pub struct Times {
    is_by_day: bool,
    now: Time,
    today: NaiveDate,
    /// The minutes of today in which there are entries.
    minutes: HashSet<u32>,
    /// Whether there are several in one of them: under their day, the seconds tell which came first.
    needs_seconds: bool,
    /// The most columns that a time takes, without seconds and with them.
    widths: (usize, usize),
}

fn local(time: Time) -> NaiveDateTime {
    time.utc().with_timezone(&Local).naive_local()
}

impl Times {
    /// Those of no entries yet.
    pub fn new(is_by_day: bool, now: Time) -> Self {
        let (today, minutes) = (local(now).date(), HashSet::new());
        Self { is_by_day, now, today, minutes, needs_seconds: false, widths: (0, 0) }
    }

    /// Comes by an entry that will be shown.
    pub fn pass(&mut self, time: Time) {
        let at = local(time);
        if at.date() == self.today {
            self.needs_seconds |= !self.minutes.insert(at.hour() * 60 + at.minute());
        }
        let (without, with) = self.widths;
        self.widths = (without.max(self.text_with(time, false).len()), with.max(self.text_with(time, true).len()));
    }

    /// How many columns the times take.
    pub fn width(&self) -> usize {
        if self.needs_seconds { self.widths.1 } else { self.widths.0 }
    }

    /// What stands above an entry, where its day is not the one of the entry before it.
    pub fn heading(&self, time: Time, before: Option<Time>) -> Option<String> {
        let day = local(time).date();
        let is_new = before.is_none_or(|before| local(before).date() != day);
        (self.is_by_day && is_new).then(|| heading(day, self.today))
    }

    /// The time of an entry.
    pub fn text(&self, time: Time) -> String {
        self.text_with(time, self.needs_seconds)
    }

    fn text_with(&self, time: Time, has_seconds: bool) -> String {
        let at = local(time);
        let is_today = at.date() == self.today;
        if !self.is_by_day {
            return at.format(if is_today { "%R" } else { "%F %R" }).to_string();
        }
        let text = at.format(if has_seconds && is_today { "%T" } else { "%R" }).to_string();
        let passed = (self.now.utc() - time.utc()).num_minutes();
        if (0..RECENT).contains(&passed) { format!("{text}  {}", ago(time, self.now)) } else { text }
    }
}

/// What went wrong stands out.
pub fn tone(line: &Line) -> Tone {
    match line.entry.outcome {
        Outcome::Ok => Tone::Plain,
        Outcome::Denied | Outcome::Failed => Tone::Alarming,
    }
}

/// `Today, 2026-11-29`, `Monday, 2026-11-23`
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
    fn a_day_is_named_by_how_near_it_is() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = date("2026-11-29");
        assert_eq!(heading(today, today), "Today, 2026-11-29");
        assert_eq!(heading(date("2026-11-28"), today), "Yesterday, 2026-11-28");
        assert_eq!(heading(date("2026-11-23"), today), "Monday, 2026-11-23");
        assert_eq!(heading(date("2026-11-30"), today), "Monday, 2026-11-30", "a clock was wrong");
    }

    #[test]
    fn a_time_stands_under_its_day_or_with_its_date_and_seconds_tell_what_came_first() {
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
