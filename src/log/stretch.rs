//! Entries that were proven, read once more: a log may be longer than there is memory, so none of them is kept.
//!
//! What is given is what was proven, whatever becomes of the file in between: the key of the first entry and the hash of the
//! header are kept, each entry is opened under the key that follows from the one before and is bound to its hash, and the
//! hash of every 256th is kept, too. No entry is given before the next one of these was met.

use super::frames::{Frames, Source};
use super::lists::{Lists, Named};
use super::reading::Line;
use super::segment::{Chain, Next};
use crate::error::{Error, Reason, Remedy, Result};
use crate::name::UserName;
use crate::signature::Hash;
use std::collections::VecDeque;

/// Authentic entries of one segment, one behind the other.
#[derive(Clone)]
pub(super) struct Stretch {
    pub user: UserName,
    pub device: String,
    pub source: Source,
    pub start: Start,
    pub marks: Marks,
}

/// The numbers of some entries in order, and their hashes. The last one is that of the last entry.
pub(super) type Marks = Vec<(u64, Hash)>;

/// Where a stretch begins.
#[derive(Clone)]
pub(super) struct Start {
    /// In the segment, in bytes.
    pub offset: u64,
    pub chain: Chain,
    /// The lists of items that entries before it named.
    pub lists: Lists,
}

impl std::fmt::Debug for Stretch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stretch").field("first", &self.first()).field("last", &self.last()).finish_non_exhaustive()
    }
}

impl Stretch {
    /// The number of its first entry.
    pub(super) fn first(&self) -> u64 {
        self.start.chain.number
    }

    /// The number of its last entry: one less than the first where there is none.
    pub(super) fn last(&self) -> u64 {
        self.marks.last().map_or(0, |(number, _)| *number)
    }

    /// How many entries it has.
    pub(super) fn count(&self) -> u64 {
        (self.last() + 1).saturating_sub(self.first())
    }
}

/// So many entries lie between two marks, and between two places from which a segment can be read again.
const STEP: u64 = 256;

/// Notes what it takes to read the entries of a segment again, or its last ones.
pub(super) struct Notes {
    places: VecDeque<Start>,
    marks: Marks,
    /// How many of the last entries are asked for; `None` for all.
    last: Option<u64>,
}

impl Notes {
    pub(super) fn new(first: Start, last: Option<usize>) -> Self {
        Self { places: VecDeque::from([first]), marks: Vec::new(), last: last.map(|count| count as u64) }
    }

    /// Comes by the place of the next entry.
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

    /// The place from which on all are read that are asked for, and a few before them; and the marks behind it. The segment
    /// ends before that of the next entry.
    pub(super) fn finish(self, end: &Chain) -> Option<(Start, Marks)> {
        let start = self.places.into_iter().next()?;
        let mut marks = self.marks;
        marks.push((end.number - 1, end.previous));
        marks.retain(|(number, _)| *number >= start.chain.number);
        Some((start, marks))
    }
}

/// The entries of a log, oldest first, read from where they stand. One that is not what was proven is an error, the last
/// item, and nothing of what was put in its place is given.
pub struct Lines<'a> {
    stretches: std::slice::Iter<'a, Stretch>,
    current: Option<Current<'a>>,
    /// So many at the beginning were not asked for.
    skipped: u64,
}

/// The stretch that is being read.
struct Current<'a> {
    stretch: &'a Stretch,
    frames: Frames,
    chain: Chain,
    lists: Lists,
    /// The marks that come next.
    marks: std::slice::Iter<'a, (u64, Hash)>,
    /// Entries up to the last mark.
    met: VecDeque<Line>,
}

impl<'a> Lines<'a> {
    /// All entries of these but for the first ones.
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
        let listed = match self.lists.names_of(&entry) {
            Named::Before(items) => Some(items),
            // That they are nowhere was told as the log was proven.
            Named::There | Named::Nowhere => None,
        };
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
