//! Reads verified entries a second time. A log may be larger than memory, so verifying it keeps none of them.
//!
//! The second reading returns exactly the verified entries, even if the file changes in between. It starts from the
//! verified header's hash and the first entry's key. Each entry is decrypted with the key derived from the one before,
//! and is bound to its hash. The hash of every 256th entry was kept, and no entry is returned before the next of these
//! hashes matched.

use super::frames::{Frames, Source};
use super::line::Line;
use super::lists::Lists;
use super::segment::{Chain, Next};
use crate::error::{Error, Reason, Remedy, Result};
use crate::name::UserName;
use crate::signature::Hash;
use std::collections::VecDeque;

/// Consecutive authentic entries of one segment.
#[derive(Clone)]
pub(super) struct Stretch {
    pub user: UserName,
    pub device: String,
    pub source: Source,
    pub start: Start,
    pub marks: Marks,
}

/// The numbers and hashes of some entries, in order. The last mark is that of the last entry.
pub(super) type Marks = Vec<(u64, Hash)>;

/// Where a stretch begins.
#[derive(Clone)]
pub(super) struct Start {
    /// The offset in the segment, in bytes.
    pub offset: u64,
    pub chain: Chain,
    /// The lists of items that earlier entries named.
    pub lists: Lists,
}

impl std::fmt::Debug for Stretch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stretch").field("first", &self.first()).field("last", &self.last()).finish_non_exhaustive()
    }
}

impl Stretch {
    /// Returns the number of the first entry.
    pub(super) fn first(&self) -> u64 {
        self.start.chain.number
    }

    /// Returns the number of the last entry; one less than the first if there is none.
    pub(super) fn last(&self) -> u64 {
        self.marks.last().map_or(0, |(number, _)| *number)
    }

    /// Returns the number of entries.
    pub(super) fn count(&self) -> u64 {
        (self.last() + 1).saturating_sub(self.first())
    }
}

/// The number of entries between two marks, and between two places from which a segment can be read again.
const STEP: u64 = 256;

/// Collects what is needed to read all entries of a segment, or its last ones, again.
pub(super) struct Notes {
    places: VecDeque<Start>,
    marks: Marks,
    /// The number of last entries to read again; `None` for all.
    last: Option<u64>,
}

impl Notes {
    pub(super) fn new(first: Start, last: Option<usize>) -> Self {
        Self { places: VecDeque::from([first]), marks: Vec::new(), last: last.map(|count| count as u64) }
    }

    /// Records the place before the next entry, if a mark is due there.
    pub(super) fn pass(&mut self, offset: u64, chain: &Chain, lists: &Lists) {
        if !chain.number.is_multiple_of(STEP) {
            return;
        }
        self.marks.push((chain.number - 1, chain.previous));
        let Some(last) = self.last else { return };
        self.places.push_back(Start { offset, chain: chain.clone(), lists: lists.clone() });
        while self.places.get(1).is_some_and(|second| second.chain.number + last <= chain.number) {
            self.places.pop_front();
        }
    }

    /// Returns the place from which to read again, and the marks after it. The place may be a few entries before the
    /// requested ones. `end` is the chain after the last entry.
    pub(super) fn finish(self, end: &Chain) -> Option<(Start, Marks)> {
        let start = self.places.into_iter().next()?;
        let mut marks = self.marks;
        marks.push((end.number - 1, end.previous));
        marks.retain(|(number, _)| *number >= start.chain.number);
        Some((start, marks))
    }
}

/// Reads the entries of a log again, oldest first. If an entry is not the verified one, the iterator returns an error and
/// ends, without returning anything that replaced it.
pub struct Lines<'a> {
    stretches: std::slice::Iter<'a, Stretch>,
    current: Option<Current<'a>>,
    /// The number of entries still to skip.
    skipped: u64,
}

/// The stretch that is being read.
struct Current<'a> {
    stretch: &'a Stretch,
    frames: Frames,
    chain: Chain,
    lists: Lists,
    /// The marks not reached yet.
    marks: std::slice::Iter<'a, (u64, Hash)>,
    /// Entries up to the last matched mark, not returned yet.
    met: VecDeque<Line>,
}

impl<'a> Lines<'a> {
    /// Reads all entries except the first `skipped`.
    pub(super) fn new(stretches: &'a [Stretch], skipped: u64) -> Self {
        Self { stretches: stretches.iter(), current: None, skipped }
    }

    fn read_next(&mut self) -> Result<Option<Line>> {
        loop {
            let Some(current) = &mut self.current else {
                let Some(stretch) = self.stretches.next() else { return Ok(None) };
                match self.skipped.checked_sub(stretch.count()) {
                    Some(left) => self.skipped = left,
                    None => self.current = Some(Current::begin(stretch)?),
                }
                continue;
            };
            match current.read_next()? {
                Some(_) if self.skipped > 0 => self.skipped -= 1,
                Some(line) => return Ok(Some(line)),
                None => self.current = None,
            }
        }
    }
}

impl<'a> Current<'a> {
    fn begin(stretch: &'a Stretch) -> Result<Self> {
        let Start { offset, chain, lists } = stretch.start.clone();
        let frames = stretch.source.read_from(offset).map_err(|error| match error.is_missing_file() {
            true => Error::failed("entries were archived while the log was read").hint("run it again"),
            false => error,
        })?;
        Ok(Self { stretch, frames, chain, lists, marks: stretch.marks.iter(), met: VecDeque::new() })
    }

    fn read_next(&mut self) -> Result<Option<Line>> {
        while self.met.is_empty() {
            let Some((number, hash)) = self.marks.next() else { return Ok(None) };
            while self.chain.number <= *number {
                let line = self.read_line()?;
                self.met.push_back(line);
            }
            if self.chain.previous != *hash {
                return Err(self.changed());
            }
        }
        Ok(self.met.pop_front())
    }

    fn read_line(&mut self) -> Result<Line> {
        let Stretch { user, device, .. } = self.stretch;
        let number = self.chain.number;
        let Next::Entry(entry, _) = self.chain.open(self.frames.read_next()?) else { return Err(self.changed()) };
        let listed = self.lists.names_of(&entry).earlier();
        let (user, device, hash) = (user.clone(), device.clone(), self.chain.previous);
        Ok(Line { user, device, number, hash, entry: *entry, listed })
    }

    fn changed(&self) -> Error {
        let user = &self.stretch.user;
        Error::new(Reason::LogChanged, format!("{user}'s log was changed while it was read"))
            .hint(("to see more: ", Remedy::VerifyLog))
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read_next();
        if read.is_err() {
            (self.stretches, self.current) = ([].iter(), None);
        }
        read.transpose()
    }
}
