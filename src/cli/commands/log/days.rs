//! Entries by day, as a person reads them on a terminal.

use super::show::cells;
use crate::cli::showing::grouped::{Group, Row, Tone};
use crate::cli::showing::words::ago;
use chrono::{Local, NaiveDate};
use std::collections::HashMap;
use vault::log::{Line, Outcome};
use vault::time::Time;

/// Within this many minutes it helps to know how long ago it was.
const RECENT: i64 = 60;

/// The entries under the headings of their days.
pub fn grouped(lines: &[&Line], is_from_several: bool, now: Time) -> Vec<Group> {
    let local = |time: Time| time.utc().with_timezone(&Local).naive_local();
    let today = local(now).date();
    let mut in_minute: HashMap<String, usize> = HashMap::new();
    for line in lines {
        *in_minute.entry(local(line.entry.time).format("%F %R").to_string()).or_default() += 1;
    }
    // Of minutes with several entries the seconds tell which came first.
    let day = format!("{today} ");
    let needs_seconds = in_minute.iter().any(|(minute, count)| *count > 1 && minute.starts_with(&day));
    let mut groups: Vec<(NaiveDate, Group)> = Vec::new();
    for line in lines {
        let at = local(line.entry.time);
        let with_seconds = at.date() == today && needs_seconds;
        let mut time = at.format(if with_seconds { "%T" } else { "%R" }).to_string();
        let passed = (now.utc() - line.entry.time.utc()).num_minutes();
        if (0..RECENT).contains(&passed) {
            time = format!("{time}  {}", ago(line.entry.time, now));
        }
        let row = Row { cells: cells(line, time, is_from_several), tone: tone(line) };
        match groups.last_mut().filter(|(date, _)| *date == at.date()) {
            Some((_, group)) => group.rows.push(row),
            None => groups.push((at.date(), Group { heading: heading(at.date(), today), rows: vec![row] })),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
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
