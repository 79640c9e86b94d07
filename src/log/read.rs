//! Reading the log and checking that nothing of it is missing, added or changed.

use super::device::DeviceFile;
use super::files::{self, MAX_SEGMENT};
use super::key::{Stored, load_key_file};
use super::walk::Walk;
use super::{Action, Entry, Opener};
use crate::error::Result;
use crate::fs;
use crate::item::Anchor;
use crate::name::{EnvironmentName, UserName};
use crate::roster::Roster;
use crate::signature::Hash;
use crate::time::Time;
use std::collections::BTreeMap;
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
    /// How many of them are sealed to keys that are not held: what is in them is not checked.
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
    pub(super) fn complain(&mut self, entry: u64, what: impl Into<String>) {
        self.problem.get_or_insert(Problem { entry, what: what.into() });
    }

    pub(super) fn next_number(&self) -> u64 {
        self.lines.last().map_or(1, |line| line.number + 1)
    }
}

/// An anchor, and which environment carries it.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// The entry that the vault remembers.
    pub anchor: Anchor,
    /// Where: whoever writes it could plant an anchor.
    pub environment: EnvironmentName,
}

/// Reads a user's log in the state directory of a vault, for that user or an admin.
///
/// `anchors` are by device the highest of all environments that could be read.
///
/// # Errors
/// If a file can't be read. What is wrong with the log is part of the result.
pub fn read(
    state: &Path,
    user: &UserName,
    roster: &Roster,
    open: &Opener<'_>,
    anchors: &BTreeMap<String, Remembered>,
) -> Result<Reading> {
    let directory = super::directory(state, user);
    // First what is written last: what another program appends meanwhile is then no contradiction.
    let device = DeviceFile::new(state, user);
    let begun = device.exists();
    let stored = load_key_file(&directory)?;
    let mut walk = Walk::new(user, roster, open);
    let mut known = u32::MAX;
    match &stored {
        Stored::Record(record) => {
            known = record.segment;
            walk = walk.expecting(record);
        }
        Stored::Nothing if !files::has_entries(&directory)? => {
            if begun && let Some(name) = device.load()? {
                walk.complain_at_end(format!("missing: the log of device {name} that was here"));
                walk.expecting_device(&name);
            }
            return Ok(walk.finish(anchors));
        }
        Stored::Nothing | Stored::Damaged => {}
    }
    let segments = files::list(&directory)?;
    for number in &segments {
        let path = files::path(&directory, *number);
        if *number > known && !files::goes_on(&path)? {
            // Left behind by a program that died before the key file knew of it.
            continue;
        }
        let bytes = fs::read(&path, MAX_SEGMENT)?.0;
        walk.segment(*number, &bytes, None)?;
    }
    match stored {
        Stored::Record(_) => walk.check_key_file(),
        Stored::Nothing | Stored::Damaged => walk.complain_at_end("the log's key file is missing or damaged"),
    }
    if segments.is_empty()
        && let Some(name) = device.load()?
    {
        walk.expecting_device(&name);
    }
    Ok(walk.finish(anchors))
}

/// Where a segment had to be started because the end of the one before could not be known, entries may be missing before
/// it: whoever cuts the end off and takes the key file away leaves no other trace.
pub(super) fn check_damage(reading: &mut Reading) {
    let damage = reading.lines.iter().find(|line| line.entry.action == Action::Damage);
    if let Some((number, what)) = damage.map(|line| (line.number, line.entry.note.clone().unwrap_or_default())) {
        reading.complain(number, format!("entries may be missing before it: {what}"));
    }
}

pub(super) fn check_clock(reading: &mut Reading) {
    let mut latest: Option<Time> = None;
    for line in &reading.lines {
        if latest.is_some_and(|latest| line.entry.time < latest) {
            reading.clock_steps.push(line.number);
        }
        latest = latest.max(Some(line.entry.time));
    }
}
