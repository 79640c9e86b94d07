//! Entries by day, as a person reads them on a terminal.

use crate::cli::showing::toned::Tone;
use crate::cli::showing::words::ago;
use chrono::{Local, NaiveDate, NaiveDateTime, Timelike as _};
use std::collections::HashSet;
use vault::log::{Line, Outcome};
use vault::time::Time;

/// Within this many minutes it helps to know how long ago it was.
const RECENT: i64 = 60;

/// How the times of entries are shown under their days.
pub struct Clock {
    now: Time,
    today: NaiveDate,
    /// The minutes of today in which there are entries.
    minutes: HashSet<u32>,
    /// Whether there are several in one of them: then the seconds tell which came first.
    needs_seconds: bool,
    /// The most columns that a time takes, without seconds and with them.
    widths: (usize, usize),
}

fn local(time: Time) -> NaiveDateTime {
    time.utc().with_timezone(&Local).naive_local()
}

impl Clock {
    /// One that has seen no entries.
    pub fn new(now: Time) -> Self {
        let (today, minutes) = (local(now).date(), HashSet::new());
        Self { now, today, minutes, needs_seconds: false, widths: (0, 0) }
    }

    /// Comes by an entry that will be shown.
    pub fn pass(&mut self, time: Time) {
        let at = local(time);
        if at.date() == self.today {
            self.needs_seconds |= !self.minutes.insert(at.hour() * 60 + at.minute());
        }
        let (without, with) = self.widths;
        self.widths = (without.max(self.text(time, false).len()), with.max(self.text(time, true).len()));
    }

    /// How many columns the times take.
    pub fn width(&self) -> usize {
        if self.needs_seconds { self.widths.1 } else { self.widths.0 }
    }

    /// The day of an entry, under which it stands.
    pub fn day(time: Time) -> NaiveDate {
        local(time).date()
    }

    /// What is above a day's entries.
    pub fn heading(&self, day: NaiveDate) -> String {
        heading(day, self.today)
    }

    /// The time of an entry.
    pub fn time(&self, time: Time) -> String {
        self.text(time, self.needs_seconds)
    }

    fn text(&self, time: Time, has_seconds: bool) -> String {
        let at = local(time);
        let has_seconds = has_seconds && at.date() == self.today;
        let text = at.format(if has_seconds { "%T" } else { "%R" }).to_string();
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
pub fn heading(date: NaiveDate, today: NaiveDate) -> String {
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
}
