//! Tests of measuring entries while a log is verified.

use super::*;
use crate::log::{Measure, UnprovenEntry};
use crate::secret::TextPart;
use crate::signature::Hash;

/// Records what it was given since the last beginning.
#[derive(Default)]
struct Collected {
    beginnings: usize,
    entries: Vec<(u64, Hash, Action, Vec<TextPart>)>,
}

impl Measure for Collected {
    fn begin(&mut self) {
        self.beginnings += 1;
        self.entries.clear();
    }

    fn add(&mut self, entry: &UnprovenEntry<'_>) {
        self.entries.push(record(entry.0));
    }
}

fn record(line: &Line) -> (u64, Hash, Action, Vec<TextPart>) {
    (line.number, line.hash, line.entry.action, line.items().to_vec())
}

/// Reads a log, and returns what was measured and whether anything is wrong with it.
fn measured(log: &Log) -> (Reading, Collected) {
    let (keys, mut measure) = (|bytes: &[u8]| log.keys.decrypt(bytes), Collected::default());
    let (state, extent) = (log.state.path(), Extent::Whole);
    let reading = read(state, &log.user, &log.roster, &keys, &[], extent, Some(&mut measure)).unwrap();
    assert_eq!(measure.beginnings, 1);
    (reading, measure)
}

#[test]
fn exactly_the_entries_that_are_read_again_are_measured() {
    let log = Log::new();
    // A list of items that later entries refer to, and a second segment.
    let items: Vec<String> = (0..40).map(|number| format!("ITEM_{number}")).collect();
    for _ in 0..2 {
        let entry = Entry::new(Action::Exec).items(&items);
        log.signing(|signer| log.writer().append(vec![entry], signer)).unwrap();
    }
    let (reading, measure) = measured(&log);
    let read_again: Vec<_> = lines(&reading).iter().map(record).collect();
    assert_eq!(measure.entries, read_again);
    assert_eq!((read_again.len(), read_again[3].3.len()), (4, 40));
    // Nothing after a changed entry is measured.
    let path = log.path(1);
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let (reading, measure) = measured(&log);
    assert!(reading.problem.is_some());
    assert_eq!(measure.entries, read_again[..3]);
    assert_eq!(lines(&reading).len(), 3);
}
