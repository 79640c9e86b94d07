use super::super::frames::{Plaintext, Source};
use super::super::lists::Lists;
use super::super::segment::Chain;
use super::super::stretch::{Start, Stretch};
use super::super::{Action, Entry};
use super::*;
use crate::signature::Hash;
use crate::time::Time;
use zeroize::Zeroizing;

fn user(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

/// The log of one device. The test takes parts and copies of it.
struct Whole {
    user: UserName,
    bytes: Vec<u8>,
    /// Where each entry starts, and where the next one will.
    starts: Vec<Start>,
}

impl Whole {
    /// Writes one entry for each of these minutes.
    fn new(owner: &str, minutes: &[u32]) -> Self {
        let header = Hash::of(owner.as_bytes());
        let mut chain = Chain { header, number: 1, previous: Hash::ZERO, key: [7; 32].into() };
        let start = |offset: usize, chain: &Chain| {
            let (offset, chain) = (offset as u64, chain.clone());
            Start { offset, chain, lists: Lists::default() }
        };
        let (mut bytes, mut starts) = (Vec::new(), vec![start(0, &chain)]);
        for minute in minutes {
            let time = Time::parse(&format!("2026-11-23T17:{minute:02}:00Z")).unwrap();
            bytes.extend(chain.seal(&Entry { time, ..Entry::new(Action::Get) }).unwrap());
            starts.push(start(bytes.len(), &chain));
        }
        Self { user: user(owner), bytes, starts }
    }

    /// Returns the entries from `first` to `last`.
    fn part(&self, first: usize, last: usize) -> Reading {
        let end = &self.starts[last].chain;
        let bytes = Plaintext(Zeroizing::new(self.bytes.clone()).into());
        let stretch = Stretch {
            user: self.user.clone(),
            device: String::new(),
            source: Source::Exported(bytes, 0..self.bytes.len() as u64),
            start: self.starts[first - 1].clone(),
            marks: vec![(end.number - 1, end.previous)],
        };
        Reading { entries: stretch.count(), last: stretch.last(), stretches: vec![stretch], ..Reading::default() }
    }

    fn whole(&self) -> Reading {
        self.part(1, self.starts.len() - 1)
    }
}

fn shown(lines: impl Iterator<Item = Result<Line>>) -> Vec<(String, u64)> {
    lines.map(|line| line.map(|line| (line.user.to_string(), line.number)).unwrap()).collect()
}

#[test]
fn logs_are_merged_by_time_and_each_device_keeps_its_order() {
    let mut logs = Logs::default();
    // mia's clock was set back before her third entry.
    logs.add(user("mia"), Whole::new("mia", &[0, 30, 10, 40]).whole());
    logs.add(user("ben"), Whole::new("ben", &[5, 20, 35]).whole());
    let order = [("mia", 1), ("ben", 1), ("ben", 2), ("mia", 2), ("mia", 3), ("ben", 3), ("mia", 4)];
    let order = order.map(|(name, number)| (name.to_owned(), number));
    let all = Query::default();
    assert_eq!(shown(logs.select(&all)), order);
    // The last entries, from whichever log.
    for last in [0, 1, 3, 7, 8] {
        let expected = &order[7_usize.saturating_sub(last)..];
        assert_eq!(shown(logs.select_last(&all, last).unwrap()), expected, "{last}");
    }
    let late = Query { since: Some(Time::parse("2026-11-23T17:30:00Z").unwrap()), ..Query::default() };
    assert_eq!(shown(logs.select_last(&late, 2).unwrap()), order[5..]);
}

#[test]
fn an_entry_in_an_archive_and_two_exports_counts_once() {
    let ben = Whole::new("ben", &[1, 2, 3, 4, 5]);
    let mut logs = Logs::default();
    for (first, last) in [(3, 4), (1, 2), (3, 5)] {
        logs.add(user("ben"), ben.part(first, last));
    }
    assert_eq!(logs.lines().map(|line| line.unwrap().number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(logs.iter().next().unwrap().gaps(), []);
    // A different entry with the same number counts separately.
    logs.add(user("ben"), Whole::new("ben", &[1, 2]).part(2, 2));
    assert_eq!(logs.lines().map(|line| line.unwrap().number).collect::<Vec<_>>(), [1, 2, 2, 3, 4, 5]);
}

#[test]
fn entries_missing_from_all_parts_are_named() {
    let ben = Whole::new("ben", &[1, 2, 3, 4, 5, 6, 7, 8]);
    let mut logs = Logs::default();
    logs.add(user("ben"), Reading { later: Some(12), ..ben.part(7, 8) });
    logs.add(user("ben"), ben.part(2, 3));
    let log = logs.iter().next().unwrap();
    assert_eq!((log.gaps(), log.first_gap()), (vec![(1, 1), (4, 6), (9, 12)], Some(1)));
    logs.add(user("ben"), ben.part(1, 7));
    let log = logs.iter().next().unwrap();
    assert_eq!((log.gaps(), log.first_gap()), (vec![(9, 12)], None));
}

#[test]
fn a_log_changed_after_verification_is_an_error_and_nothing_after_the_change_is_read() {
    let ben = Whole::new("ben", &[1, 2, 3, 4]);
    let other = Whole::new("ben", &[1, 2, 3, 4]);
    let given = |reading: &Reading| {
        let lines: Vec<_> = reading.lines().map(|line| line.map(|line| line.number).ok()).collect();
        lines
    };
    assert_eq!(given(&ben.whole()), [Some(1), Some(2), Some(3), Some(4)]);
    // A changed byte in the third entry; missing entries at the end; a completely different log whose writer had
    // the first key.
    let third = ben.starts[2].offset as usize;
    let mut changed = ben.bytes.clone();
    changed[third + 40] ^= 1;
    let read = |bytes: Vec<u8>| {
        let mut reading = ben.whole();
        let length = bytes.len() as u64;
        reading.stretches[0].source = Source::Exported(Plaintext(Zeroizing::new(bytes).into()), 0..length);
        given(&reading)
    };
    assert_eq!(read(changed), [None]);
    assert_eq!(read(ben.bytes[..third].to_vec()), [None]);
    assert_eq!(read(other.bytes.clone()), [None]);
}
