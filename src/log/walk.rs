//! Verifies segments, oldest first. Each header must follow the previous one, and each entry the previous entry.

mod entries;
mod finish;
mod headers;

use super::Opener;
use super::frames::Source;
use super::key::{EntryKey, Record};
use super::measure::Measure;
use super::reading::{Extent, Part, Reading, Remembered};
use super::segment::{Chain, ReadHeader};
use super::segment_end::SegmentEnd;
use super::statement::Statement;
use crate::error::Result;
use crate::name::UserName;
use crate::roster::Roster;
use crate::signature::Hash;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Walks through segments, oldest first, and verifies them.
pub(super) struct Walk<'a> {
    user: &'a UserName,
    roster: &'a Roster,
    open: &'a Opener<'a>,
    /// The anchors in the vault.
    anchors: &'a [Remembered],
    /// The hash of each entry that has the number of an anchor, once the entry was read.
    anchored: BTreeMap<u64, Option<Hash>>,
    extent: Extent,
    /// Whether segments before the first one are skipped.
    begins_later: bool,
    /// The record of the key file, and whether the log matches it.
    record: Option<(Record, Met)>,
    previous: Option<End>,
    /// The number and note of the first entry that records damage.
    damage: Option<(u64, String)>,
    /// Whether the last entry records an export.
    ends_with_export: bool,
    latest: Option<Time>,
    /// The signed statements about archived segments.
    statements: Vec<Statement>,
    /// Whether the segments are from an archive, which may begin and end at any segment.
    is_archive: bool,
    /// The latest time in the current segment.
    latest_in_segment: Option<Time>,
    /// The devices that the signed headers name.
    devices: BTreeSet<String>,
    sealed: Vec<Sealed>,
    measure: Option<&'a mut dyn Measure>,
    reading: Reading,
}

/// The end of a segment.
struct End {
    segment: u32,
    header: Hash,
    roster: u32,
    /// The number and hash of the last entry; `None` if these keys can't open the segment.
    last: Option<(u64, Hash)>,
}

/// The entries of a segment that these keys can't open. Whether any of them is missing is unknown.
struct Sealed {
    first: u64,
    /// The last entry according to the next header; `None` if there is none.
    last: Option<u64>,
}

/// Whether the log matches the place in the key file.
#[derive(Clone, Copy)]
enum Met {
    NotYet,
    /// It matches, or the place is in a segment that these keys can't open.
    Exactly,
    /// The entry before the place is a different one.
    OtherEntry,
    /// The key at the place is a different one.
    OtherKey,
}

impl<'a> Walk<'a> {
    pub(super) fn new(user: &'a UserName, roster: &'a Roster, open: &'a Opener<'a>, anchors: &'a [Remembered]) -> Self {
        Self {
            user,
            roster,
            open,
            anchors,
            anchored: anchors.iter().map(|remembered| (remembered.anchor.number, None)).collect(),
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
            measure: None,
            reading: Reading::default(),
        }
    }

    /// Sets which entries can be read again afterwards.
    pub(super) fn keeping(self, extent: Extent) -> Self {
        Self { extent, ..self }
    }

    /// Measures the entries as they are verified.
    pub(super) fn measuring(self, measure: &'a mut dyn Measure) -> Self {
        Self { measure: Some(measure), ..self }
    }

    /// Says that the walk skips the segments before the first one.
    pub(super) fn begin_later(&mut self) {
        self.begins_later = true;
    }

    /// Sets the key file's record. The walk must reach the end that the record names.
    pub(super) fn expecting(self, record: Record) -> Self {
        Self { record: Some((record, Met::NotYet)), ..self }
    }

    pub(super) fn expected(&self) -> Option<&Record> {
        self.record.as_ref().map(|(record, _)| record)
    }

    /// Makes anchors for this device count. Headers name their devices, but a log that lost all segments has no headers.
    pub(super) fn expecting_device(&mut self, device: &str) {
        self.devices.insert(device.to_owned());
    }

    pub(super) fn complain_at_end(&mut self, what: impl Into<String>) {
        self.reading.complain(self.reading.next_number(), what);
    }

    /// Reports a useless key file. The entries that exist are authentic, but nobody can tell how many were cut off.
    pub(super) fn complain_of_key_file(&mut self) {
        let last = self.reading.last;
        self.complain_at_end(format!(
            "the log's key file is missing or damaged: entries after entry {last} may be missing unnoticed"
        ));
    }

    /// Checks the key file against the log. It should name the place after the last entry. If it names a later place,
    /// entries were removed. It may name an earlier one, after a crash or if an older key file was restored. But then its
    /// key must be the one of that place, which somebody who cut the log there can't compute.
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

    /// Reads the next segment, with the reader's keys or with the entry key `given`.
    ///
    /// # Errors
    /// If the segment can't be read, or the agent can't be reached.
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

    /// Passes over a segment that these keys can't open. That is no tampering: the header is signed, and it covers the
    /// encrypted key. Somebody who became an admin later, or was added again, can't open it, and an identity keeps only
    /// 32 retired keys.
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
