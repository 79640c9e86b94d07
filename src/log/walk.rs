//! The walk through the segments, oldest first: each header follows the one before, each entry the entry before.

mod entries;
mod finish;
mod headers;

use super::Opener;
use super::frames::Source;
use super::key::{EntryKey, Record};
use super::reading::{Extent, Part, Reading, Remembered, SegmentEnd};
use super::segment::{Chain, ReadHeader};
use super::statement::Statement;
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
    /// What the vault remembers of logs.
    anchors: &'a [Remembered],
    /// The hashes of the entries that have the number of an anchor, once they were read.
    anchored: BTreeMap<u64, Option<Hash>>,
    extent: Extent,
    /// Whether segments before the first one that is read are not looked at.
    begins_later: bool,
    /// What the key file says, and what was found where it says that the log ends.
    record: Option<(Record, Met)>,
    previous: Option<End>,
    /// The first entry that says that the log was damaged, and the last of those that exported it.
    damage: Option<(u64, String)>,
    ends_with_export: bool,
    latest: Option<Time>,
    /// What the user signed that was archived.
    statements: Vec<Statement>,
    /// Whether these are segments that were archived, and may begin and end wherever they do.
    is_archive: bool,
    /// The latest time in the segment that is read.
    latest_in_segment: Option<Time>,
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
    pub(super) fn new(user: &'a UserName, roster: &'a Roster, open: &'a Opener<'a>, anchors: &'a [Remembered]) -> Self {
        Self {
            user,
            roster,
            open,
            anchors,
            anchored: anchors.iter().map(|of| (of.anchor.number, None)).collect(),
            extent: Extent::Whole,
            begins_later: false,
            record: None,
            previous: None,
            damage: None,
            ends_with_export: false,
            latest: None,
            statements: Vec::new(),
            is_archive: false,
            latest_in_segment: None,
            devices: BTreeSet::new(),
            sealed: Vec::new(),
            reading: Reading::default(),
        }
    }

    /// These entries are to be read again.
    pub(super) fn keeping(self, extent: Extent) -> Self {
        Self { extent, ..self }
    }

    /// The first segment that is read follows others that are not.
    pub(super) fn begin_later(&mut self) {
        self.begins_later = true;
    }

    /// The walk has to come by where this record says that the log ends.
    pub(super) fn expecting(self, record: Record) -> Self {
        Self { record: Some((record, Met::NotYet)), ..self }
    }

    pub(super) fn expected(&self) -> Option<&Record> {
        self.record.as_ref().map(|(record, _)| record)
    }

    /// Anchors of this device count. The headers name theirs; a log that lost all its segments has none.
    pub(super) fn expecting_device(&mut self, device: &str) {
        self.devices.insert(device.to_owned());
    }

    pub(super) fn complain_at_end(&mut self, what: impl Into<String>) {
        self.reading.complain(self.reading.next_number(), what);
    }

    /// The key file is of no use. How much was cut with it, nobody can tell; what is there is authentic.
    pub(super) fn complain_of_key_file(&mut self) {
        let last = self.reading.last;
        self.complain_at_end(format!(
            "the log's key file is missing or damaged: entries after entry {last} may be missing unnoticed"
        ));
    }

    /// The key file stands behind the last entry: further on means that entries were taken away. It may stand before the
    /// last ones, if the program died right after writing them or an older key file was restored; but its key must be the
    /// one of that place, which nobody can compute who has cut the log there.
    pub(super) fn check_key_file(&mut self) {
        let Some((record, met)) = &self.record else { return };
        let before = record.number - 1;
        match *met {
            Met::Exactly => {}
            Met::NotYet => self.complain_at_end(format!("missing: the log went on to entry {before}")),
            Met::OtherEntry => self.reading.complain(before, "it is not the one that the key file follows"),
            Met::OtherKey => self.complain_at_end("missing: the key file holds another key"),
        }
    }

    /// Reads the next segment, with the reader's keys or the one given for it.
    ///
    /// # Errors
    /// If it can't be read, or an agent that has the keys could not be asked.
    pub(super) fn segment(&mut self, number: u32, source: Source, given: Option<EntryKey>) -> Result<()> {
        let mut frames = source.read_from(0)?;
        self.reading.segments += 1;
        let Some(head) = frames.header()? else {
            self.complain_at_end(format!("segment {number} has no valid header"));
            return Ok(());
        };
        if let Err(what) = self.check_header(number, &head) {
            self.complain_at_end(format!("segment {number} {what}"));
            return Ok(());
        }
        match self.previous {
            None if self.begins_later => {}
            None if head.header.segment > 1 => self.begin_behind(&head.header),
            _ => self.check_continuation(&head),
        }
        self.latest_in_segment = None;
        self.devices.insert(head.header.device.clone());
        let length = frames.length();
        let last = match head.open(self.open)?.or(given) {
            Some(key) => Some(self.entries(&head, key, frames, source)?),
            None => {
                self.pass_sealed(&head);
                None
            }
        };
        self.previous = Some(End { segment: number, header: head.hash, roster: head.header.roster, last });
        self.reading.parts.push(Part {
            segment: number,
            header: head.hash,
            device: head.header.device,
            length,
            latest: self.latest_in_segment,
            end: last.map(|(last, hash)| SegmentEnd { segment: number, header: head.hash, number: last, hash }),
        });
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
}

impl Sealed {
    fn contains(&self, number: u64) -> bool {
        self.first <= number && self.last.is_none_or(|last| number <= last)
    }
}
