//! The result of reading a log, and the anchors it is verified against.

use super::segment_end::SegmentEnd;
use super::stretch::{Lines, Stretch};
use crate::item::Anchor;
use crate::name::EnvironmentName;
use crate::roster::Roster;
use crate::signature::Hash;
use crate::time::Time;
use std::collections::BTreeSet;

/// How much of a log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything.
    Whole,
    /// Everything, only to verify it: no entries are returned.
    Checked,
    /// Only the segments with this many last entries. Only these entries are returned.
    Last(usize),
}

impl Extent {
    pub(super) fn last(self) -> Option<usize> {
        match self {
            Self::Whole | Self::Checked => None,
            Self::Last(count) => Some(count),
        }
    }
}

/// Entries that are missing at the beginning of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archived {
    /// The number of the last missing entry.
    pub last: u64,
    /// When the user archived the entries; `None` if these keys can't read the statement about it.
    pub time: Option<Time>,
}

/// A segment that was read.
#[derive(Debug)]
pub(super) struct Part {
    pub segment: u32,
    pub header: Hash,
    pub device: String,
    /// In bytes.
    pub length: u64,
    /// The latest time of any entry in it.
    pub latest: Option<Time>,
    /// Where it ended; `None` if these keys can't open it.
    pub end: Option<SegmentEnd>,
}

/// The first problem that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The number of the first bad or missing entry.
    pub entry: u64,
    /// What is wrong.
    pub what: String,
}

/// The result of reading a log.
#[derive(Debug, Default)]
pub struct Reading {
    /// Where the authentic entries are, to read them again.
    pub(super) stretches: Vec<Stretch>,
    /// The number of entries at the beginning that were not asked for.
    pub(super) skipped: u64,
    /// The number of authentic entries that were read.
    pub entries: u64,
    /// The number of the last entry; 0 if there is none.
    pub last: u64,
    /// The time of the last entry.
    pub last_time: Option<Time>,
    /// The number of segments that were read.
    pub segments: usize,
    /// The number of segments that these keys can't open, so that their entries were not verified.
    pub sealed: usize,
    /// The first problem, if there is one.
    pub problem: Option<Problem>,
    /// The numbers of entries dated before an earlier entry.
    pub clock_steps: Vec<u64>,
    /// For an exported log: the highest entry that an anchor names and that was written after the export.
    pub later: Option<u64>,
    /// The size, in bytes, of an unfinished entry at the end: a program died while it wrote the entry. The next append
    /// removes it.
    pub unfinished: Option<u64>,
    /// The end of the segment before the first one that was read; `None` if that is the log's first.
    pub follows: Option<SegmentEnd>,
    /// The entries before the first segment, if they were archived.
    pub archived: Option<Archived>,
    /// The segments that were read and have a valid header.
    pub(super) parts: Vec<Part>,
    /// Environments with an anchor for this log that its user did not sign. Somebody who writes the environment planted
    /// it, and it counts for nothing.
    pub planted: BTreeSet<EnvironmentName>,
    /// The number of entries that no anchor covers yet. Somebody with the user's keys could still rewrite them unnoticed.
    pub uncovered: u64,
}

impl Reading {
    /// Returns the authentic entries that were asked for, oldest first. They are not kept in memory but read again. If an
    /// entry is no longer the verified one, that is an error.
    #[must_use]
    pub fn lines(&self) -> Lines<'_> {
        Lines::new(&self.stretches, self.skipped)
    }

    /// Returns the number of entries that [`Reading::lines`] returns.
    pub(super) fn given(&self) -> u64 {
        self.stretches.iter().map(Stretch::count).sum::<u64>().saturating_sub(self.skipped)
    }

    pub(super) fn complain(&mut self, entry: u64, what: impl Into<String>) {
        self.problem.get_or_insert(Problem { entry, what: what.into() });
    }

    pub(super) fn next_number(&self) -> u64 {
        self.last + 1
    }
}

/// An anchor, and the environment that holds it.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// The device whose log the anchor is for.
    pub device: String,
    /// The anchor.
    pub anchor: Anchor,
    /// The environment. A writer of it could plant an anchor, but not sign it.
    pub environment: EnvironmentName,
}

/// Whether the log's user signed the anchor, for this vault and this device.
#[must_use]
pub(crate) fn is_signed(anchor: &Anchor, device: &str, roster: &Roster) -> bool {
    let message = anchor.statement(device).message(&roster.id());
    roster.is_signed_since(anchor.roster, &anchor.user, &message, &anchor.signature)
}
