//! Reading the log and checking that nothing of it is missing, added or changed.

use super::append::MAX_SEGMENT;
use super::key::{EntryKey, Record, Stored};
use super::segment::{self, Chain, Next, ReadHeader};
use super::{Action, Entry, Outcome};
use crate::error::Result;
use crate::fs;
use crate::identity::PrivateKeys;
use crate::item::Anchor;
use crate::name::UserName;
use crate::roster::Roster;
use crate::signature::Hash;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

/// An entry with its place.
#[derive(Debug, Clone)]
pub struct Line {
    /// Whose log it is in.
    pub user: UserName,
    /// On which device it was written.
    pub device: String,
    /// Its number, from 1.
    pub number: u64,
    /// Its hash, which anchors refer to.
    pub hash: Hash,
    /// What it says.
    pub entry: Entry,
}

/// The first thing found wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The number of the first bad or missing entry.
    pub entry: u64,
    /// What is wrong.
    pub what: String,
}

/// What reading a log came to.
#[derive(Debug, Default)]
pub struct Reading {
    /// The authentic entries, oldest first.
    pub lines: Vec<Line>,
    /// The number of segments.
    pub segments: usize,
    /// How many of them are sealed to keys that are no longer held.
    pub sealed: usize,
    /// The first thing wrong, if anything is.
    pub problem: Option<Problem>,
    /// Entries dated before the one above them.
    pub clock_steps: Vec<u64>,
    /// Of an exported log: an entry that came later, which the vault remembers and the file can't hold.
    pub later: Option<u64>,
    /// Entries that no anchor covers yet: who holds the user's key could still rewrite them unseen.
    pub uncovered: u64,
}

impl Reading {
    fn complain(&mut self, entry: u64, what: impl Into<String>) {
        self.problem.get_or_insert(Problem { entry, what: what.into() });
    }

    fn next_number(&self) -> u64 {
        self.lines.last().map_or(1, |line| line.number + 1)
    }
}

/// Reads the log in `directory` with the private keys of the user, or of an admin.
///
/// `anchors` are those of all environments that could be read.
///
/// # Errors
/// If a file can't be read. What is wrong with the log is part of the result.
pub fn read(
    directory: &Path,
    user: &UserName,
    roster: &Roster,
    keys: &PrivateKeys,
    anchors: &BTreeMap<String, Anchor>,
) -> Result<Reading> {
    let mut walk = Walk::new(user, roster, keys);
    let stored = load_key_file(directory)?;
    for number in segment::list(directory)? {
        let bytes = fs::read(&segment::path(directory, number), MAX_SEGMENT)?.0;
        if matches!(&stored, Stored::Record(record) if number > record.segment) && has_no_entry(&bytes) {
            // Left behind by a program that died before the key file knew of it.
            continue;
        }
        walk.segment(number, &bytes, None);
    }
    check_key_file(&stored, walk.previous.as_ref(), &mut walk.reading);
    // The headers are signed, so a device's name that was changed hides no anchor; but a log that lost all its segments
    // has none.
    walk.devices.insert(std::fs::read_to_string(directory.join("device")).unwrap_or_default().trim().to_owned());
    Ok(walk.finish(anchors))
}

/// A walk through segments, oldest first.
pub(super) struct Walk<'a> {
    user: &'a UserName,
    roster: &'a Roster,
    keys: &'a PrivateKeys,
    previous: Option<End>,
    /// The devices that the signed headers name.
    devices: BTreeSet<String>,
    reading: Reading,
}

/// The end of a segment.
struct End {
    segment: u32,
    header: Hash,
    /// Where its chain stands; `None` for a segment that is sealed to keys no longer held.
    chain: Option<Chain>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(user: &'a UserName, roster: &'a Roster, keys: &'a PrivateKeys) -> Self {
        Self { user, roster, keys, previous: None, devices: BTreeSet::new(), reading: Reading::default() }
    }

    /// As [`Walk::finish`], for a log that has gone on since: only anchors up to its end count.
    pub(super) fn finish_at_export(mut self, anchors: &BTreeMap<String, Anchor>) -> Reading {
        let last = self.reading.lines.last().map_or(0, |line| line.number);
        let (within, later): (BTreeMap<_, _>, BTreeMap<_, _>) =
            anchors.clone().into_iter().partition(|(_, anchor)| anchor.number <= last);
        let own = later.iter().filter(|(device, _)| self.devices.contains(*device));
        self.reading.later = own.map(|(_, anchor)| anchor.number).max();
        self.finish(&within)
    }

    /// What it came to, checked against the anchors of its devices.
    pub(super) fn finish(self, anchors: &BTreeMap<String, Anchor>) -> Reading {
        let Self { mut reading, devices, .. } = self;
        let anchors: Vec<&Anchor> = devices.iter().filter_map(|device| anchors.get(device)).collect();
        anchors.iter().for_each(|anchor| check_anchor(anchor, &mut reading));
        let covered = anchors.iter().map(|anchor| anchor.number).max().unwrap_or(0);
        reading.uncovered = reading.lines.last().map_or(0, |line| line.number).saturating_sub(covered);
        check_damage(&mut reading);
        check_clock(&mut reading);
        reading
    }

    /// Reads the next segment, with the reader's keys or the one given for it.
    pub(super) fn segment(&mut self, number: u32, bytes: &[u8], given: Option<EntryKey>) {
        self.reading.segments += 1;
        let mut reading = std::mem::take(&mut self.reading);
        self.read_segment(number, bytes, given, &mut reading);
        self.reading = reading;
    }

    fn read_segment(&mut self, number: u32, bytes: &[u8], given: Option<EntryKey>, reading: &mut Reading) {
        let Some((head, mut rest)) = ReadHeader::split(bytes) else {
            return reading.complain(reading.next_number(), format!("segment {number} has no header"));
        };
        if let Err(what) = self.check_header(number, &head) {
            return reading.complain(reading.next_number(), format!("segment {number} {what}"));
        }
        self.check_continuation(&head, reading);
        self.devices.insert(head.header.device.clone());
        let Some(key) = head.open(self.keys).or(given) else {
            // Its header is signed and names the sealed key, so this is no tampering: identities keep 32 retired keys.
            reading.sealed += 1;
            self.previous = Some(End { segment: number, header: head.hash, chain: None });
            return;
        };
        let mut chain = head.chain(key);
        loop {
            let number = chain.number;
            match chain.open(rest) {
                Next::Entry(entry, length) => {
                    rest = &rest[length..];
                    let device = head.header.device.clone();
                    reading.lines.push(Line {
                        user: self.user.clone(),
                        device,
                        number,
                        hash: chain.previous,
                        entry: *entry,
                    });
                }
                Next::End => break,
                Next::Forged => {
                    reading.complain(number, "it is not authentic");
                    break;
                }
                Next::Torn(_) => {
                    reading.complain(number, "it is unfinished");
                    break;
                }
            }
        }
        self.previous = Some(End { segment: number, header: chain.header, chain: Some(chain) });
    }

    fn check_header(&self, number: u32, head: &ReadHeader) -> Result<(), &'static str> {
        let header = &head.header;
        if header.vault != self.roster.id() || header.user != *self.user || header.segment != number {
            return Err("belongs to another log");
        }
        if head.is_of(self.user, self.roster) { Ok(()) } else { Err("is not signed by the user") }
    }

    /// The header follows the segment before: its header, and its last entry.
    fn check_continuation(&self, head: &ReadHeader, reading: &mut Reading) {
        let header = &head.header;
        let (segment, last_header, last) = match &self.previous {
            None => (0, Hash::ZERO, Some((0, Hash::ZERO))),
            Some(End { segment, header, chain }) => {
                (*segment, *header, chain.as_ref().map(|chain| (chain.number - 1, chain.previous)))
            }
        };
        let (last_number, last_hash) = last.unwrap_or((header.last_number, header.last_hash));
        if header.segment != segment + 1 || header.previous != last_header {
            reading.complain(last_number + 1, format!("segment {} is missing or exchanged", segment + 1));
        } else if header.last_number > last_number {
            reading.complain(last_number + 1, format!("missing: the log went on to entry {}", header.last_number));
        } else if header.last_number < last_number || header.last_hash != last_hash {
            reading.complain(header.last_number.max(1), "it is not the one that the next segment follows");
        }
    }
}

fn has_no_entry(bytes: &[u8]) -> bool {
    ReadHeader::split(bytes).is_none_or(|(_, entries)| entries.is_empty())
}

fn load_key_file(directory: &Path) -> Result<Stored> {
    let path = directory.join("key");
    let opened = File::open(&path).and_then(|file| Record::load(&file));
    match opened {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Stored::Nothing),
        loaded => loaded.map_err(|error| crate::Error::io("read", &path, &error)),
    }
}

/// The key file stands behind the last entry: further on means that entries were taken away. It may stand before the
/// last ones, if the program died right after writing them or an older key file was restored: the entries behind it are
/// authentic all the same.
fn check_key_file(stored: &Stored, end: Option<&End>, reading: &mut Reading) {
    let next = reading.next_number();
    match (stored, end) {
        (Stored::Nothing, None) => {}
        (Stored::Record(_), Some(End { chain: None, .. })) => {}
        (Stored::Record(record), Some(End { segment, chain: Some(chain), .. })) => {
            let place = reading.lines.iter().rev().find(|line| line.number + 1 == record.number);
            let before = place.map_or(record.previous, |line| line.hash);
            if record.segment > *segment || record.number > chain.number {
                reading.complain(next, format!("missing: the log went on to entry {}", record.number - 1));
            } else if record.segment == *segment && (before != record.previous || record.header != chain.header) {
                reading.complain(record.number.saturating_sub(1), "it is not the one that the key file follows");
            } else if record.number == chain.number && *record.key != *chain.key {
                reading.complain(next, "missing: the key file holds another key");
            }
        }
        (Stored::Record(record), None) => {
            reading.complain(1, format!("missing: the log went on to entry {}", record.number.saturating_sub(1)));
        }
        (Stored::Nothing | Stored::Damaged, _) => reading.complain(next, "the log's key file is missing or damaged"),
    }
}

fn check_anchor(anchor: &Anchor, reading: &mut Reading) {
    match reading.lines.iter().find(|line| line.number == anchor.number) {
        Some(line) if line.hash == anchor.hash => {}
        Some(_) => reading.complain(anchor.number, "it is not the one that the vault remembers"),
        None => {
            let last = reading.lines.last().map_or(0, |line| line.number);
            reading.complain(last + 1, format!("missing: the vault remembers entry {}", anchor.number));
        }
    }
}

/// Where a segment had to be started because the end of the one before could not be known, entries may be missing before
/// it: whoever cuts the end off and takes the key file away leaves no other trace.
fn check_damage(reading: &mut Reading) {
    let damage = reading.lines.iter().find(|line| line.entry.action == Action::Damage);
    if let Some((number, what)) = damage.map(|line| (line.number, line.entry.note.clone().unwrap_or_default())) {
        reading.complain(number, format!("entries may be missing before it: {what}"));
    }
}

fn check_clock(reading: &mut Reading) {
    let mut latest: Option<Time> = None;
    for line in &reading.lines {
        if latest.is_some_and(|latest| line.entry.time < latest) {
            reading.clock_steps.push(line.number);
        }
        latest = latest.max(Some(line.entry.time));
    }
}

impl Line {
    /// Whether the action was refused or failed.
    #[must_use]
    pub fn went_wrong(&self) -> bool {
        self.entry.outcome != Outcome::Ok
    }
}
