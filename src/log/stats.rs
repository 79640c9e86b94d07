//! Counts the entries of logs by user, action, item, outcome and time.

use super::{Line, Reach};
use crate::name::NamedItem;
use crate::ordered::InOrder as _;
use crate::time::Time;
use chrono::{Datelike as _, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Timelike as _};
use std::collections::BTreeMap;

/// The number of entries with something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// What they have in common, such as a user's name.
    pub name: String,
    /// The number of entries.
    pub count: u64,
}

/// The counts over all entries. All but the times are sorted by count, highest first.
#[derive(Debug, PartialEq, Eq)]
pub struct Stats {
    /// The number of entries.
    pub entries: u64,
    /// The time of the earliest entry.
    pub first: Option<Time>,
    /// The time of the latest entry.
    pub last: Option<Time>,
    /// By user.
    pub users: Vec<Tally>,
    /// By action.
    pub actions: Vec<Tally>,
    /// By item, as `ENV/NAME`. Entries about a whole environment don't count for its items.
    pub items: Vec<Tally>,
    /// By outcome.
    pub outcomes: Vec<Tally>,
    /// By time, in order: the hours of one day, up to 32 days, or months. Times without entries in between are included.
    pub times: Vec<Tally>,
}

/// Converts a time into local time.
type Local<'a> = dyn Fn(Time) -> NaiveDateTime + 'a;

/// Counts entries one by one and keeps none of them.
pub struct Counter<'a> {
    local: &'a Local<'a>,
    entries: u64,
    first: Option<Time>,
    last: Option<Time>,
    users: Counts,
    actions: Counts,
    items: Counts,
    outcomes: Counts,
    times: Times,
}

type Counts = BTreeMap<String, u64>;

impl<'a> Counter<'a> {
    /// Returns a counter without entries. `local` converts a time into local time.
    #[must_use]
    pub fn new(local: &'a Local<'a>) -> Self {
        let (users, actions, items, outcomes) = (Counts::new(), Counts::new(), Counts::new(), Counts::new());
        Self { local, entries: 0, first: None, last: None, users, actions, items, outcomes, times: Times::default() }
    }

    /// Counts an entry.
    pub fn add(&mut self, line: &Line) {
        let entry = &line.entry;
        self.entries += 1;
        self.first = Some(self.first.map_or(entry.time, |first| first.min(entry.time)));
        self.last = self.last.max(Some(entry.time));
        count(&mut self.users, line.user.as_str());
        count(&mut self.actions, entry.action.word());
        count(&mut self.outcomes, &entry.outcome.to_string());
        self.times.add((self.local)(entry.time));
        let Reach::Items(names) = line.reach() else { return };
        for name in names {
            match &entry.environment {
                Some(environment) => count(&mut self.items, &NamedItem::within(environment, &**name).to_string()),
                None => count(&mut self.items, name),
            }
        }
    }

    /// Returns the counts.
    #[must_use]
    pub fn finish(self) -> Stats {
        Stats {
            entries: self.entries,
            first: self.first,
            last: self.last,
            users: by_count(self.users),
            actions: by_count(self.actions),
            items: by_count(self.items),
            outcomes: by_count(self.outcomes),
            times: self.times.tallies(),
        }
    }
}

fn count(counts: &mut Counts, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => _ = counts.insert(name.to_owned(), 1),
    }
}

fn by_count(counts: Counts) -> Vec<Tally> {
    let mut all: Vec<Tally> = counts.into_iter().map(|(name, count)| Tally { name, count }).collect();
    all.order_by_key(|tally| std::cmp::Reverse(tally.count));
    all
}

/// The unit of time to count by: hours for one day, then days for up to [`MOST_DAYS`], then months.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Unit {
    #[default]
    Hour,
    Day,
    Month,
}

/// The maximum number of days between the first and the last entry for a list by days. A clock that was wrong by decades
/// must not make a list of thousands of days.
const MOST_DAYS: i64 = 31;

impl Unit {
    fn for_days(days: i64) -> Self {
        match days {
            0 => Self::Hour,
            1..=MOST_DAYS => Self::Day,
            _ => Self::Month,
        }
    }

    /// Returns the start of the hour, day or month of a moment.
    fn start(self, moment: NaiveDateTime) -> NaiveDateTime {
        let date = moment.date();
        let date = match self {
            Self::Hour => return date.and_hms_opt(moment.hour(), 0, 0).unwrap_or(moment),
            Self::Day => date,
            Self::Month => NaiveDate::from_ymd_opt(date.year(), date.month(), 1).unwrap_or(date),
        };
        date.and_hms_opt(0, 0, 0).unwrap_or(moment)
    }

    /// Returns the start of the next hour, day or month.
    fn next(self, start: NaiveDateTime) -> Option<NaiveDateTime> {
        match self {
            Self::Hour => start.checked_add_signed(TimeDelta::hours(1)),
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Month => start.checked_add_months(Months::new(1)),
        }
    }

    fn format(self) -> &'static str {
        match self {
            Self::Hour => "%H:00",
            Self::Day => "%F",
            Self::Month => "%Y-%m",
        }
    }
}

/// The number of entries of each hour, day or month.
#[derive(Debug, Default)]
struct Times {
    unit: Unit,
    /// By the start of the hour, day or month.
    counts: BTreeMap<NaiveDateTime, u64>,
}

impl Times {
    fn add(&mut self, moment: NaiveDateTime) {
        *self.counts.entry(self.unit.start(moment)).or_default() += 1;
        let (Some((first, _)), Some((last, _))) = (self.counts.first_key_value(), self.counts.last_key_value()) else {
            return;
        };
        let unit = Unit::for_days((last.date() - first.date()).num_days());
        if self.unit != unit && self.unit != Unit::Month {
            self.count_by(unit);
        }
    }

    fn count_by(&mut self, unit: Unit) {
        self.unit = unit;
        for (start, count) in std::mem::take(&mut self.counts) {
            *self.counts.entry(unit.start(start)).or_default() += count;
        }
    }

    /// Returns the counts in order, including hours, days or months without entries in between.
    fn tallies(self) -> Vec<Tally> {
        let Self { unit, counts } = self;
        let (Some((first, _)), Some((last, _))) = (counts.first_key_value(), counts.last_key_value()) else {
            return Vec::new();
        };
        let mut tallies = Vec::new();
        let mut next = Some(*first);
        while let Some(start) = next.filter(|start| start <= last) {
            let count = counts.get(&start).copied().unwrap_or_default();
            tallies.push(Tally { name: start.format(unit.format()).to_string(), count });
            next = unit.next(start);
        }
        tallies
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(texts: &[&str]) -> Vec<(String, u64)> {
        let moments: Vec<_> = texts.iter().map(|text| Time::parse(text).unwrap().utc().naive_utc()).collect();
        let mut times = Times::default();
        moments.into_iter().for_each(|moment| times.add(moment));
        times.tallies().into_iter().map(|tally| (tally.name, tally.count)).collect()
    }

    fn pairs(all: &[(&str, u64)]) -> Vec<(String, u64)> {
        all.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn times_are_counted_by_hour_day_or_month_including_empty_ones() {
        let day = times(&["2026-11-23T11:40:00Z", "2026-11-23T09:50:00Z", "2026-11-23T11:10:00Z"]);
        assert_eq!(day, pairs(&[("09:00", 1), ("10:00", 0), ("11:00", 2)]));
        let days = times(&["2026-11-23T23:59:00Z", "2026-11-25T00:01:00Z"]);
        assert_eq!(days, pairs(&[("2026-11-23", 1), ("2026-11-24", 0), ("2026-11-25", 1)]));
        let months = times(&["2026-09-30T00:00:00Z", "2026-11-25T00:00:00Z"]);
        assert_eq!(months, pairs(&[("2026-09", 1), ("2026-10", 0), ("2026-11", 1)]));
        assert_eq!(times(&[]), pairs(&[]));
        // The order of the entries doesn't matter.
        let months = times(&["2026-11-25T00:00:00Z", "2026-11-24T00:00:00Z", "2026-09-30T00:00:00Z"]);
        assert_eq!(months, pairs(&[("2026-09", 1), ("2026-10", 0), ("2026-11", 2)]));
    }

    #[test]
    fn the_most_frequent_come_first_and_ties_are_sorted() {
        let mut counts = Counts::new();
        ["get", "set", "exec", "get"].iter().for_each(|name| count(&mut counts, name));
        let all: Vec<_> = by_count(counts).into_iter().map(|tally| (tally.name, tally.count)).collect();
        assert_eq!(all, pairs(&[("get", 2), ("exec", 1), ("set", 1)]));
    }
}
