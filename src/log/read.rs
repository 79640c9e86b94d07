//! Reading the log and checking that nothing of it is missing, added or changed.

use super::append::LOCK_TIMEOUT;
use super::device::DeviceFile;
use super::files;
use super::key::{self, Record, Stored};
use super::walk::Walk;
use super::{Entry, Opener};
use crate::error::{Error, Result};
use crate::fs;
use crate::item::Anchor;
use crate::name::{EnvironmentName, UserName};
use crate::roster::Roster;
use crate::signature::Hash;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
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
    pub(super) listed: Option<Arc<[String]>>,
}

impl Line {
    /// Which items it is about, by name.
    #[must_use]
    pub fn items(&self) -> &[String] {
        self.listed.as_deref().unwrap_or(&self.entry.items)
    }
}

/// How much of a log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it, and every entry is kept.
    Whole,
    /// All of it, and no entry is kept: to check it.
    Checked,
    /// The segments that hold so many last entries, and those are kept.
    Last(usize),
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
    /// The authentic entries that were to be kept, oldest first.
    pub lines: Vec<Line>,
    /// How many authentic entries were read.
    pub entries: u64,
    /// The number of the last one; 0 if there is none.
    pub last: u64,
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

/// Reads a user's log in the state directory of a vault, for that user or an admin.
///
/// `anchors` are those of all environments that could be read.
///
/// # Errors
/// If a file can't be read; a busy error if an append takes longer than 5 seconds. What is wrong with the log is part of the
/// result.
pub fn read(
    state: &Path,
    user: &UserName,
    roster: &Roster,
    open: &Opener<'_>,
    anchors: &[Remembered],
    extent: Extent,
) -> Result<Reading> {
    for _ in 0..3 {
        match read_once(state, user, roster, open, anchors, extent) {
            // Segments were archived while they were about to be read.
            Err(error) if error.is_missing_file() => {}
            reading => return reading,
        }
    }
    read_once(state, user, roster, open, anchors, extent)
}

fn read_once(
    state: &Path,
    user: &UserName,
    roster: &Roster,
    open: &Opener<'_>,
    anchors: &[Remembered],
    extent: Extent,
) -> Result<Reading> {
    let directory = super::directory(state, user);
    let device = DeviceFile::new(state, user);
    let begun = device.exists();
    let Snapshot { stored, segments } = Snapshot::take(&directory)?;
    let mut walk = Walk::new(user, roster, open, anchors).keeping(extent);
    if matches!(stored, Stored::Nothing) && !files::has_entries(&directory)? {
        if begun && let Some(name) = device.load()? {
            walk.complain_at_end(format!("missing: the log of device {name} that was here"));
            walk.expecting_device(&name);
        }
        return Ok(walk.finish());
    }
    let is_known = match stored {
        Stored::Record(record) => {
            walk = walk.expecting(*record);
            true
        }
        Stored::Nothing | Stored::Damaged => false,
    };
    let skipped = skipped(&directory, &segments, extent, walk.expected())?;
    if skipped > 0 {
        walk.begin_later();
    }
    for (number, length) in segments.iter().copied().skip(skipped) {
        let path = files::path(&directory, number);
        if walk.expected().is_some_and(|record| number > record.segment) && !files::goes_on(&path)? {
            // Left behind by a program that died before the key file knew of it.
            continue;
        }
        walk.segment(number, &files::read_until(&path, length)?, None)?;
    }
    if is_known {
        walk.check_key_file();
    } else {
        walk.complain_of_key_file();
    }
    if segments.is_empty()
        && let Some(name) = device.load()?
    {
        walk.expecting_device(&name);
    }
    Ok(walk.finish())
}

/// What stood there at one moment. What is written once stays as it is, so only this is looked at under the lock, and who
/// appends waits for no reader.
struct Snapshot {
    stored: Stored,
    segments: Vec<(u32, u64)>,
}

impl Snapshot {
    fn take(directory: &Path) -> Result<Self> {
        let path = key::path(directory);
        let key_file = fs::open_if_there(&path)?.map(|(file, _)| file);
        let stored = match &key_file {
            None => Stored::Nothing,
            Some(file) => {
                // Together with other readers.
                fs::lock_shared(file, &path, LOCK_TIMEOUT)?;
                Record::load(file).map_err(|error| Error::io("read", &path, &error))?
            }
        };
        Ok(Self { stored, segments: files::list_with_lengths(directory)? })
    }
}

/// How many segments stand before those that hold the last entries, as the headers say.
fn skipped(directory: &Path, segments: &[(u32, u64)], extent: Extent, record: Option<&Record>) -> Result<usize> {
    let (Extent::Last(count), Some(record)) = (extent, record) else { return Ok(0) };
    for (place, (number, _)) in segments.iter().enumerate().rev() {
        if *number > record.segment {
            continue;
        }
        let Some(head) = files::read_head(&files::path(directory, *number))? else { return Ok(0) };
        if record.number.saturating_sub(1).saturating_sub(head.header.last_number) >= count as u64 {
            return Ok(place);
        }
    }
    Ok(0)
}
