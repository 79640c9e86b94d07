//! The walk through the segments, oldest first: each header follows the one before, each entry the entry before.

use super::key::{EntryKey, Record};
use super::read::{Line, Reading, Remembered, check_clock, check_damage};
use super::segment::{Chain, Next, ReadHeader};
use super::{Action, Opener, Outcome};
use crate::error::Result;
use crate::name::UserName;
use crate::roster::Roster;
use crate::signature::Hash;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// A walk through segments, oldest first.
pub(super) struct Walk<'a> {
    user: &'a UserName,
    roster: &'a Roster,
    open: &'a Opener<'a>,
    /// What the key file says, and what was found where it says that the log ends.
    record: Option<(&'a Record, Met)>,
    previous: Option<End>,
    /// The devices that the signed headers name.
    devices: BTreeSet<String>,
    sealed: Vec<Sealed>,
    reading: Reading,
}

/// The end of a segment.
struct End {
    segment: u32,
    header: Hash,
    roster: u32,
    /// The last entry and its hash; `None` for a segment that is sealed to keys that are not held.
    last: Option<(u64, Hash)>,
}

/// The entries of a segment that can't be read: whether one of them is missing can't be told.
struct Sealed {
    first: u64,
    /// As the next header says; `None` if there is none.
    last: Option<u64>,
}

/// The place that the key file names, in the log.
#[derive(Clone, Copy)]
enum Met {
    NotYet,
    /// It is that place, or in a segment that can't be read.
    Exactly,
    /// The entry before it is another.
    OtherEntry,
    /// It would take another key to write there.
    OtherKey,
}

impl<'a> Walk<'a> {
    pub(super) fn new(user: &'a UserName, roster: &'a Roster, open: &'a Opener<'a>) -> Self {
        let (devices, reading) = (BTreeSet::new(), Reading::default());
        Self { user, roster, open, record: None, previous: None, devices, sealed: Vec::new(), reading }
    }

    /// The walk has to come by where this record says that the log ends.
    pub(super) fn expecting(self, record: &'a Record) -> Self {
        Self { record: Some((record, Met::NotYet)), ..self }
    }

    /// Anchors of this device count. The headers name theirs; a log that lost all its segments has none.
    pub(super) fn expecting_device(&mut self, device: &str) {
        self.devices.insert(device.to_owned());
    }

    pub(super) fn complain_at_end(&mut self, what: impl Into<String>) {
        self.reading.complain(self.reading.next_number(), what);
    }

    /// The key file stands behind the last entry: further on means that entries were taken away. It may stand before the
    /// last ones, if the program died right after writing them or an older key file was restored; but its key must be the
    /// one of that place, which nobody can compute who has cut the log there.
    pub(super) fn check_key_file(&mut self) {
        let Some((record, met)) = self.record else { return };
        let before = record.number - 1;
        match met {
            Met::Exactly => {}
            Met::NotYet => self.complain_at_end(format!("missing: the log went on to entry {before}")),
            Met::OtherEntry => self.reading.complain(before, "it is not the one that the key file follows"),
            Met::OtherKey => self.complain_at_end("missing: the key file holds another key"),
        }
    }

    /// As [`Walk::finish`], for a log that has gone on since: an anchor of later entries counts only if it was made before
    /// the export. The last entry is that of the export.
    pub(super) fn finish_at_export(mut self, time: Time, anchors: &BTreeMap<String, Remembered>) -> Reading {
        let last = self.reading.lines.last();
        if last.is_none_or(|line| line.entry.action != Action::LogExport || line.entry.outcome != Outcome::Ok) {
            self.complain_at_end("missing: an exported log ends with the entry of the export");
        }
        let last = self.reading.lines.last().map_or(0, |line| line.number);
        let is_later = |of: &Remembered| of.anchor.number > last && of.anchor.time >= time;
        let (later, within): (BTreeMap<_, _>, _) = anchors.clone().into_iter().partition(|(_, of)| is_later(of));
        let own = later.iter().filter(|(device, _)| self.devices.contains(*device));
        self.reading.later = own.map(|(_, of)| of.anchor.number).max();
        self.finish(&within)
    }

    /// What it came to, checked against the anchors of its devices.
    pub(super) fn finish(self, anchors: &BTreeMap<String, Remembered>) -> Reading {
        let Self { mut reading, devices, sealed, .. } = self;
        let anchors: Vec<&Remembered> = devices.iter().filter_map(|device| anchors.get(device)).collect();
        let can_be_read = |of: &&&Remembered| !sealed.iter().any(|sealed| sealed.contains(of.anchor.number));
        anchors.iter().filter(can_be_read).for_each(|of| check_anchor(of, &mut reading));
        let covered = anchors.iter().map(|of| of.anchor.number).max().unwrap_or(0);
        reading.uncovered = reading.lines.last().map_or(0, |line| line.number).saturating_sub(covered);
        check_damage(&mut reading);
        check_clock(&mut reading);
        reading
    }

    /// Reads the next segment, with the reader's keys or the one given for it.
    ///
    /// # Errors
    /// If an agent that has the keys could not be asked.
    pub(super) fn segment(&mut self, number: u32, bytes: &[u8], given: Option<EntryKey>) -> Result<()> {
        self.reading.segments += 1;
        let Some((head, rest)) = ReadHeader::split(bytes) else {
            self.complain_at_end(format!("segment {number} has no valid header"));
            return Ok(());
        };
        if let Err(what) = self.check_header(number, &head) {
            self.complain_at_end(format!("segment {number} {what}"));
            return Ok(());
        }
        self.check_continuation(&head);
        self.devices.insert(head.header.device.clone());
        let last = match head.open(self.open)?.or(given) {
            Some(key) => Some(self.entries(&head, key, rest)),
            None => {
                self.pass_sealed(&head);
                None
            }
        };
        self.previous = Some(End { segment: number, header: head.hash, roster: head.header.roster, last });
        Ok(())
    }

    /// Its header is signed and names the sealed key, so this is no tampering: who became an admin or was added again
    /// later can't open it, and identities keep 32 retired keys.
    fn pass_sealed(&mut self, head: &ReadHeader) {
        self.reading.sealed += 1;
        self.sealed.push(Sealed { first: head.header.last_number + 1, last: None });
        if let Some((record, met)) = &mut self.record
            && record.segment == head.header.segment
        {
            *met = if record.header == head.hash { Met::Exactly } else { Met::OtherEntry };
        }
    }

    /// Reads the entries of a segment; gives the last one.
    fn entries(&mut self, head: &ReadHeader, key: EntryKey, mut rest: &[u8]) -> (u64, Hash) {
        let mut chain = head.chain(key);
        loop {
            self.meet(head.header.segment, &chain);
            let number = chain.number;
            match chain.open(rest) {
                Next::Entry(entry, length) => {
                    rest = &rest[length..];
                    let (user, device) = (self.user.clone(), head.header.device.clone());
                    self.reading.lines.push(Line { user, device, number, hash: chain.previous, entry: *entry });
                }
                Next::End => break,
                Next::Forged => {
                    self.reading.complain(number, "it is not authentic");
                    break;
                }
                Next::Torn => {
                    self.reading.complain(number, "it is unfinished");
                    break;
                }
            }
        }
        (chain.number - 1, chain.previous)
    }

    fn meet(&mut self, segment: u32, chain: &Chain) {
        let Some((record, met)) = &mut self.record else { return };
        if (record.segment, record.number) == (segment, chain.number) {
            *met = match chain.follows_as(record) {
                false => Met::OtherEntry,
                true if chain.is_at(record) => Met::Exactly,
                true => Met::OtherKey,
            };
        }
    }

    fn check_header(&self, number: u32, head: &ReadHeader) -> Result<(), &'static str> {
        let header = &head.header;
        if header.vault != self.roster.id() || header.user != *self.user || header.segment != number {
            return Err("belongs to another log");
        }
        if !head.is_of(self.user, self.roster) {
            return Err("is not signed by the user");
        }
        // Keys that were replaced sign no segment after one that was signed with their successors.
        let before = self.previous.as_ref().map_or(0, |end| end.roster);
        if header.roster < before { Err("is signed under an older roster than the one before") } else { Ok(()) }
    }

    /// The header follows the segment before: its header, and its last entry.
    fn check_continuation(&mut self, head: &ReadHeader) {
        let header = &head.header;
        let (segment, last_header, last) = match &self.previous {
            None => (0, Hash::ZERO, Some((0, Hash::ZERO))),
            Some(End { segment, header, last, .. }) => (*segment, *header, *last),
        };
        if let (None, Some(sealed)) = (last, self.sealed.last_mut()) {
            sealed.last = Some(header.last_number);
        }
        let (last_number, last_hash) = last.unwrap_or((header.last_number, header.last_hash));
        let reading = &mut self.reading;
        if header.segment != segment + 1 || header.previous != last_header {
            reading.complain(last_number + 1, format!("segment {} is missing or exchanged", segment + 1));
        } else if header.last_number > last_number {
            reading.complain(last_number + 1, format!("missing: the log went on to entry {}", header.last_number));
        } else if header.last_number < last_number || header.last_hash != last_hash {
            reading.complain(header.last_number.max(1), "it is not the one that the next segment follows");
        }
    }
}

impl Sealed {
    fn contains(&self, number: u64) -> bool {
        self.first <= number && self.last.is_none_or(|last| number <= last)
    }
}

fn check_anchor(of: &Remembered, reading: &mut Reading) {
    let Remembered { anchor, environment } = of;
    let last = reading.lines.last().map_or(0, |line| line.number);
    // The anchor alone tells not whether the log was cut or the anchor planted.
    let whose = format!("by an anchor in {environment}, which whoever writes {environment} could also have planted");
    match reading.lines.iter().find(|line| line.number == anchor.number) {
        Some(line) if line.hash == anchor.hash => {}
        Some(_) => reading.complain(anchor.number, format!("it is not the one that the vault remembers, {whose}")),
        None => reading.complain(last + 1, format!("missing: the vault remembers entry {}, {whose}", anchor.number)),
    }
}
