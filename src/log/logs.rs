//! Logs of several users and devices, read together.

use super::reading::{Line, Reading};
use super::{Exported, Query};
use crate::name::UserName;
use crate::ordered::{InOrder as _, Ordered as _};
use crate::signature::Hash;
use crate::time::Time;
use std::collections::{BTreeSet, HashSet};

/// Logs, of each device one: parts of it, copies and archives are brought together, and count every entry once.
#[derive(Debug, Default)]
pub struct Logs(Vec<DeviceLog>);

/// The log of one user on one device.
#[derive(Debug)]
pub struct DeviceLog {
    /// Whose.
    pub user: UserName,
    /// Which device, if it holds a segment.
    pub device: Option<String>,
    /// The entries that were kept, by number.
    lines: Vec<Line>,
    /// Whether any was read.
    has_entries: bool,
    /// The last entry that is known of, read or not.
    last: u64,
    /// Segments that can't be read with these keys, in the part in which there are the fewest.
    sealed: usize,
    /// The first thing wrong with any part.
    problem: Option<String>,
}

impl Logs {
    /// Takes a log in.
    pub fn add(&mut self, user: UserName, reading: Reading) {
        let device = reading.device().map(str::to_owned);
        let is_of = |log: &&mut DeviceLog| log.user == user && log.device == device;
        match self.0.iter_mut().find(is_of) {
            Some(known) => known.add(reading),
            None => self.0.push(DeviceLog::new(user, device, reading)),
        }
    }

    /// Takes an exported log or an archive in.
    pub fn add_exported(&mut self, exported: Exported) {
        self.add(exported.user, exported.reading);
    }

    /// The log of each device.
    pub fn iter(&self) -> impl Iterator<Item = &DeviceLog> {
        self.0.iter()
    }

    /// Whether there is no log.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every entry.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.0.iter().flat_map(|log| &log.lines)
    }

    /// The entries that are asked for, by time. Those of one device stay in their order, also where its clock was set back.
    #[must_use]
    pub fn select(&self, query: &Query) -> Vec<&Line> {
        let mut dated: Vec<(Time, &Line)> = Vec::new();
        for log in &self.0 {
            let mut latest = None;
            for line in &log.lines {
                let time = latest.map_or(line.entry.time, |latest| line.entry.time.max(latest));
                latest = Some(time);
                dated.push((time, line));
            }
        }
        dated.order_by_key(|(time, _)| *time);
        dated.into_iter().map(|(_, line)| line).filter(|line| query.fits(line)).collect()
    }

    /// The devices whose log is here.
    #[must_use]
    pub fn devices(&self) -> BTreeSet<&str> {
        self.0.iter().filter_map(|log| log.device.as_deref()).ordered()
    }

    /// The users of whom there is a log with entries.
    #[must_use]
    pub fn users(&self) -> BTreeSet<&UserName> {
        self.0.iter().filter(|log| log.has_entries).map(|log| &log.user).ordered()
    }
}

impl DeviceLog {
    fn new(user: UserName, device: Option<String>, reading: Reading) -> Self {
        let (lines, sealed) = (Vec::new(), reading.sealed);
        let mut log = Self { user, device, lines, has_entries: false, last: 0, sealed, problem: None };
        log.add(reading);
        log
    }

    fn add(&mut self, reading: Reading) {
        self.last = self.last.max(reading.last).max(reading.later.unwrap_or(0));
        self.has_entries |= reading.entries > 0;
        self.sealed = self.sealed.min(reading.sealed);
        if let Some(problem) = reading.problem {
            self.problem.get_or_insert(format!("entry {}: {}", problem.entry, problem.what));
        }
        let known: HashSet<Hash> = self.lines.iter().map(|line| line.hash).collect();
        self.lines.extend(reading.lines.into_iter().filter(|line| !known.contains(&line.hash)));
        self.lines.order_by_key(|line| line.number);
    }

    /// The entries, by number.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// How many segments can't be read with these keys.
    #[must_use]
    pub fn sealed(&self) -> usize {
        self.sealed
    }

    /// What is wrong with it, in words.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// The entries that were written and are not here, from the first to the last: in archives, in a newer export, or in
    /// segments that can't be read.
    #[must_use]
    pub fn gaps(&self) -> Vec<(u64, u64)> {
        let mut gaps = Vec::new();
        let mut next = 1;
        for line in &self.lines {
            if line.number > next {
                gaps.push((next, line.number - 1));
            }
            next = next.max(line.number + 1);
        }
        if self.last >= next {
            gaps.push((next, self.last));
        }
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Action, Entry};
    use super::*;

    fn user(name: &str) -> UserName {
        UserName::new(name).unwrap()
    }

    /// Entries of one device, by their number and the minute in which they were written.
    fn reading(owner: &str, entries: &[(u64, u32)]) -> Reading {
        let line = |(number, minute): &(u64, u32)| {
            let time = Time::parse(&format!("2026-11-23T17:{minute:02}:00Z")).unwrap();
            let entry = Entry { time, ..Entry::new(Action::Get) };
            let hash = Hash::of(format!("{owner} {number}").as_bytes());
            Line { user: user(owner), device: String::new(), number: *number, hash, entry, listed: None }
        };
        let lines: Vec<Line> = entries.iter().map(line).collect();
        let (entries, last) = (lines.len() as u64, lines.last().map_or(0, |line| line.number));
        Reading { entries, last, lines, ..Reading::default() }
    }

    fn shown(logs: &Logs) -> Vec<(String, u64)> {
        logs.select(&Query::default()).iter().map(|line| (line.user.to_string(), line.number)).collect()
    }

    #[test]
    fn logs_are_shown_by_time_and_each_device_keeps_its_order() {
        let mut logs = Logs::default();
        // mia's clock was set back before her third entry.
        logs.add(user("mia"), reading("mia", &[(1, 0), (2, 30), (3, 10), (4, 40)]));
        logs.add(user("ben"), reading("ben", &[(1, 5), (2, 20), (3, 35)]));
        let order = [("mia", 1), ("ben", 1), ("ben", 2), ("mia", 2), ("mia", 3), ("ben", 3), ("mia", 4)];
        assert_eq!(shown(&logs), order.map(|(name, number)| (name.to_owned(), number)));
    }

    #[test]
    fn an_entry_that_is_in_an_archive_and_in_two_exports_counts_once() {
        let mut logs = Logs::default();
        logs.add(user("ben"), reading("ben", &[(3, 3), (4, 4)]));
        logs.add(user("ben"), reading("ben", &[(1, 1), (2, 2)]));
        logs.add(user("ben"), reading("ben", &[(3, 3), (4, 4), (5, 5)]));
        assert_eq!(logs.lines().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(logs.iter().next().unwrap().gaps(), []);
    }

    #[test]
    fn entries_that_are_in_none_of_the_parts_are_named() {
        let mut logs = Logs::default();
        let newest = Reading { later: Some(12), ..reading("ben", &[(7, 7), (8, 8)]) };
        logs.add(user("ben"), newest);
        logs.add(user("ben"), reading("ben", &[(2, 2), (3, 3)]));
        assert_eq!(logs.iter().next().unwrap().gaps(), [(1, 1), (4, 6), (9, 12)]);
    }
}
