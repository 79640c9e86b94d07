//! What reading a log comes to, and what it is checked against.

use super::Entry;
use super::stretch::{Lines, Stretch};
use crate::item::Anchor;
use crate::name::{EnvironmentName, UserName};
use crate::roster::Roster;
use crate::secret::TextPart;
use crate::signature::Hash;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

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
    /// The items, where an entry before it names them.
    pub(super) listed: Option<Arc<[TextPart]>>,
}

impl Line {
    /// Which items it is about, by name.
    #[must_use]
    pub fn items(&self) -> &[TextPart] {
        self.listed.as_deref().unwrap_or(&self.entry.items)
    }
}

/// How much of a log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// All of it, to check it: no entry is given.
    Checked,
    /// The segments that hold so many last entries, and no other entries are given.
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

/// Where a segment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentEnd {
    /// Its number.
    pub segment: u32,
    /// The hash of its header.
    pub header: Hash,
    /// The number of its last entry.
    pub number: u64,
    /// The hash of that entry.
    pub hash: Hash,
}

/// Entries that are missing at the beginning of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archived {
    /// The number of the last one.
    pub last: u64,
    /// When the user archived them; `None` where what says so can't be read.
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
    /// The latest time of an entry in it.
    pub latest: Option<Time>,
    /// Where it ended; `None` if it is sealed to keys that are not held.
    pub end: Option<SegmentEnd>,
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
    /// The authentic entries, to be read again.
    pub(super) stretches: Vec<Stretch>,
    /// How many of the first of them were not asked for.
    pub(super) skipped: u64,
    /// How many authentic entries were read.
    pub entries: u64,
    /// The number of the last one; 0 if there is none.
    pub last: u64,
    /// The time of the last one.
    pub last_time: Option<Time>,
    /// The number of segments that were read.
    pub segments: usize,
    /// How many of them are sealed to keys that are not held: what is in them is not checked.
    pub sealed: usize,
    /// The first thing wrong, if anything is.
    pub problem: Option<Problem>,
    /// Entries dated before the one above them.
    pub clock_steps: Vec<u64>,
    /// Of an exported log: an entry that came later, which the vault remembers and the file can't hold.
    pub later: Option<u64>,
    /// Of how many bytes there is an unfinished entry at the end: a program died while it wrote it. The next entry cuts it off.
    pub unfinished: Option<u64>,
    /// What the first segment follows, where it is not the first of the log.
    pub follows: Option<SegmentEnd>,
    /// The entries before them that were archived.
    pub archived: Option<Archived>,
    /// The segments that were read and have a valid header.
    pub(super) parts: Vec<Part>,
    /// Environments that carry an anchor for this log which its user did not sign: whoever writes them planted it, and it
    /// counts for nothing.
    pub planted: BTreeSet<EnvironmentName>,
    /// Entries that no anchor covers yet: who holds the user's key could still rewrite them unseen.
    pub uncovered: u64,
}

impl Reading {
    /// The authentic entries that were asked for, oldest first. None of them is kept: they are read once more, and one that
    /// is no longer what was proven is an error.
    #[must_use]
    pub fn lines(&self) -> Lines<'_> {
        Lines::new(&self.stretches, self.skipped)
    }

    /// How many entries that is.
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

/// An anchor, and which environment carries it.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// Of which device's log.
    pub device: String,
    /// The entry that the vault remembers.
    pub anchor: Anchor,
    /// Where: whoever writes it could plant an anchor, which its signature gives away.
    pub environment: EnvironmentName,
}

/// Whether the user whose log it is signed an anchor, for this vault and as one of this device.
#[must_use]
pub fn is_signed(anchor: &Anchor, device: &str, roster: &Roster) -> bool {
    let message = anchor.statement(device).message(&roster.id());
    roster.is_signed_since(anchor.roster, &anchor.user, &message, &anchor.signature)
}
