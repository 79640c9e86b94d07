//! How often who did what, and when, over the entries of logs.

use super::{Line, Reach};
use crate::ordered::InOrder as _;
use crate::time::Time;
use chrono::{Days, NaiveDateTime, TimeDelta};
use std::collections::BTreeMap;

/// How often something is in the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// What.
    pub name: String,
    /// In how many entries.
    pub count: u64,
}

/// What there is to count of entries. Everything but the times is ordered by how often it comes.
#[derive(Debug, PartialEq, Eq)]
pub struct Stats {
    /// How many there are.
    pub entries: u64,
    /// The time of the earliest one.
    pub first: Option<Time>,
    /// The time of the latest one.
    pub last: Option<Time>,
    /// Whose use it was.
    pub users: Vec<Tally>,
    /// What was done, by the words of actions.
    pub actions: Vec<Tally>,
    /// Which items it was done with, as `ENV/NAME`. Entries about a whole environment name none.
    pub items: Vec<Tally>,
    /// How it ended.
    pub outcomes: Vec<Tally>,
    /// When, in order: the hours of one day, the days of a month, or months. Times without an entry are in between.
    pub times: Vec<Tally>,
}

impl Stats {
    /// Counts these entries. `local` gives the time that clocks on the wall show.
    #[must_use]
    pub fn new(lines: &[&Line], local: &dyn Fn(Time) -> NaiveDateTime) -> Self {
        let times = || lines.iter().map(|line| line.entry.time);
        let mut items = BTreeMap::new();
        for line in lines {
            let Reach::Items(names) = line.reach() else { continue };
            for name in names {
                let name = match &line.entry.environment {
                    Some(environment) => format!("{environment}/{}", &**name),
                    None => name.to_string(),
                };
                *items.entry(name).or_default() += 1;
            }
        }
        Self {
            entries: lines.len() as u64,
            first: times().min(),
            last: times().max(),
            users: by_count(counted(lines.iter().map(|line| line.user.to_string()))),
            actions: by_count(counted(lines.iter().map(|line| line.entry.action.word().to_owned()))),
            items: by_count(items),
            outcomes: by_count(counted(lines.iter().map(|line| line.entry.outcome.to_string()))),
            times: by_time(&times().map(local).collect::<Vec<_>>()),
        }
    }
}

fn counted(names: impl Iterator<Item = String>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

fn tallies(counts: BTreeMap<String, u64>) -> Vec<Tally> {
    counts.into_iter().map(|(name, count)| Tally { name, count }).collect()
}

fn by_count(counts: BTreeMap<String, u64>) -> Vec<Tally> {
    let mut all = tallies(counts);
    all.order_by_key(|tally| std::cmp::Reverse(tally.count));
    all
}

/// A clock that was wrong by decades must not make a list of as many days.
const MOST_DAYS: i64 = 31;

fn by_time(moments: &[NaiveDateTime]) -> Vec<Tally> {
    let (Some(first), Some(last)) = (moments.iter().min(), moments.iter().max()) else { return Vec::new() };
    let days = (last.date() - first.date()).num_days();
    let format = match days {
        0 => "%H:00",
        1..=MOST_DAYS => "%F",
        _ => "%Y-%m",
    };
    let mut counts = counted(moments.iter().map(|moment| moment.format(format).to_string()));
    let mut between = *first;
    while between < *last {
        counts.entry(between.format(format).to_string()).or_default();
        let next = if days == 0 {
            between.checked_add_signed(TimeDelta::hours(1))
        } else {
            between.checked_add_days(Days::new(1))
        };
        let Some(next) = next else { break };
        between = next;
    }
    tallies(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(texts: &[&str]) -> Vec<(String, u64)> {
        let moments: Vec<_> = texts.iter().map(|text| Time::parse(text).unwrap().utc().naive_utc()).collect();
        by_time(&moments).into_iter().map(|tally| (tally.name, tally.count)).collect()
    }

    fn pairs(all: &[(&str, u64)]) -> Vec<(String, u64)> {
        all.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn times_are_hours_of_a_day_days_of_a_month_or_months_and_empty_ones_are_in_between() {
        let day = times(&["2026-11-23T11:40:00Z", "2026-11-23T09:50:00Z", "2026-11-23T11:10:00Z"]);
        assert_eq!(day, pairs(&[("09:00", 1), ("10:00", 0), ("11:00", 2)]));
        let days = times(&["2026-11-23T23:59:00Z", "2026-11-25T00:01:00Z"]);
        assert_eq!(days, pairs(&[("2026-11-23", 1), ("2026-11-24", 0), ("2026-11-25", 1)]));
        let months = times(&["2026-09-30T00:00:00Z", "2026-11-25T00:00:00Z"]);
        assert_eq!(months, pairs(&[("2026-09", 1), ("2026-10", 0), ("2026-11", 1)]));
        assert_eq!(times(&[]), pairs(&[]));
    }

    #[test]
    fn what_comes_most_often_stands_first_and_equals_are_in_order() {
        let names = ["get", "set", "exec", "get"].map(str::to_owned).into_iter();
        let all: Vec<_> = by_count(counted(names)).into_iter().map(|tally| (tally.name, tally.count)).collect();
        assert_eq!(all, pairs(&[("get", 2), ("exec", 1), ("set", 1)]));
    }
}
