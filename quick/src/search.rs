//! Searches text for many values at once, in any form in which a program may have printed them.
//!
//! Values and text are decoded in the same way (see `decode`), so quotes, escapes, line breaks and indentation make no
//! difference. Then pieces of fixed lengths are looked up (see `index`), so the time does not depend on the values.
//! Each match is checked again: quotes may be anywhere, but white space and line breaks only where the value has some,
//! or in a piece too long to be there by chance.
//!
//! Bytes that a program prints as numbers (dumps, `68:75:6e`) are read as consecutive digits and looked up in the same
//! way (see `shown`).

mod chain;
mod decode;
mod escape;
mod gaps;
mod hits;
mod index;
mod keep;
mod order;
mod reader;
mod rows;
mod samples;
mod separated;
mod shown;
mod steps;
mod wholes;
mod window;
mod windows;
mod within;

use crate::encodings::{self, Encoding};
use gaps::Breaks;
use hits::Hit;
use reader::Reader;
pub use reader::Scratch;
use std::ops::Range;
use std::sync::Mutex;
#[cfg(test)]
pub(crate) use steps::taken as steps_taken;
use window::Match;
use windows::Indexes;

/// The minimum lengths of values and of their parts, in bytes, from which they are searched for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The minimum length of a value: shorter ones are found everywhere. At least [`encodings::SHORTEST`].
    pub value: usize,
    /// The minimum length of a part of a longer value: shorter parts are often shared by several values.
    pub part: usize,
    /// Whether pieces of a value count: 8 characters of a key or token, 32 of any other value. Otherwise a value or
    /// part must be there completely, or 64 characters of it.
    pub pieces: bool,
}

/// For files, where somebody has to look at each place that is reported.
pub const IN_FILES: Limits = Limits { value: 6, part: 16, pieces: false };
/// For the output of a program, where hiding too much is better than hiding too little.
pub const IN_OUTPUT: Limits = Limits { value: encodings::SHORTEST, part: vault_values::parts::SHORTEST, pieces: true };

/// The number of characters of a longer value that are enough where only whole values count.
const RUN: usize = 64;
/// Text is searched in pieces of this size. They overlap by the longest form of a value.
const PIECE: usize = 512 * 1024;
const OVERLAP: usize = 16 * 1024;

/// A place where a value was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The number of the line, from 1.
    pub line: usize,
    /// The index of the value in the given list.
    pub value: usize,
    /// The form in which the value is written there.
    pub encoding: Encoding,
}

/// A piece of a text that belongs to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The position of the piece.
    pub range: Range<usize>,
    /// The index of the value in the given list.
    pub value: usize,
    /// Whether other values contain the same piece.
    pub is_shared: bool,
}

/// The kind of place where a text starts whose previous part is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Begin {
    /// The start of a line.
    #[default]
    Line,
    /// Within a row of a dump.
    Row,
    /// Within any other line.
    Other,
}

/// The matches in a text that may continue.
#[derive(Debug, Default)]
pub struct Look {
    /// The pieces that belong to values, sorted by start; they may overlap.
    pub spans: Vec<Span>,
    /// Where the longest end of the text starts that could be the start of a value; the length of the text if there is
    /// none.
    pub unfinished: usize,
    /// The kind of place where that end starts.
    pub begin: Begin,
    /// The pieces after `unfinished` that belong to values because of the text before it: the columns of a dump show
    /// one value at several places.
    pub known: Vec<Span>,
}

/// Searches for a set of values.
pub struct Searcher {
    indexes: Indexes,
    /// For each different value, the indexes of the values that are equal to it.
    equal: Vec<Vec<usize>>,
    scratch: Mutex<Scratch>,
}

impl Searcher {
    /// Prepares to search for all forms of those values that are long enough.
    #[must_use]
    pub fn new<'a>(values: impl IntoIterator<Item = &'a [u8]>, limits: Limits) -> Self {
        let mut indexes = Indexes::new(limits);
        let mut equal: Vec<Vec<usize>> = Vec::new();
        let mut known: std::collections::HashMap<&[u8], usize> = std::collections::HashMap::new();
        for (value, bytes) in values.into_iter().enumerate().filter(|(_, bytes)| bytes.len() >= limits.value) {
            let next = equal.len();
            let group = *known.entry(bytes).or_insert(next);
            if group == next {
                indexes.add(group, bytes);
                equal.push(Vec::new());
            }
            equal[group].push(value);
        }
        indexes.build();
        Self { indexes, equal, scratch: Mutex::default() }
    }

    /// Returns how many bytes of a text are enough to find a match that starts with the first of them, for callers that
    /// read a text in pieces.
    #[must_use]
    pub fn longest(&self) -> usize {
        OVERLAP
    }

    /// Returns where a text contains the values: each value once per line, sorted by line.
    #[must_use]
    pub fn search(&self, text: &[u8]) -> Vec<Found> {
        let mut places: Vec<(usize, usize, Encoding)> = Vec::new();
        let mut from = 0;
        // If two threads search at once, one of them uses memory of its own.
        let mut kept = self.scratch.try_lock();
        let mut spare = Scratch::default();
        let scratch = kept.as_deref_mut().unwrap_or(&mut spare);
        loop {
            let piece = &text[from..text.len().min(from + PIECE)];
            let is_line = from == 0 || text[from - 1] == b'\n';
            scratch.shown.read(piece, if is_line { Begin::Line } else { Begin::Other }, true);
            let shown = hits::shown(&self.indexes.decoded, &scratch.shown);
            let hits = hits::hits(&self.indexes, &Reader::new(piece, true, Breaks::Anywhere, &mut scratch.symbols));
            for run in hits::runs(hits).into_iter().chain(hits::runs(shown)) {
                let encoding = self.encoding(&run, piece);
                let group = run.found.window.owner.value as usize;
                places.push((from + run.start, group, encoding));
            }
            if from + piece.len() == text.len() {
                break;
            }
            from += PIECE - OVERLAP;
        }
        by_line(text, places, &self.equal)
    }

    /// Returns the matches in a whole text, or in one that may continue.
    #[must_use]
    pub fn look(&self, text: &[u8], begin: Begin, is_end: bool, scratch: &mut Scratch) -> Look {
        let Scratch { symbols, shown } = scratch;
        shown.read(text, begin, is_end);
        let reader = Reader::new(text, is_end, Breaks::Late, symbols);
        let mut look = Look { unfinished: text.len(), ..Look::default() };
        if !is_end {
            let shown = shown.unfinished(&self.indexes.decoded, text);
            look.unfinished = shown.min(hits::unfinished(&self.indexes, text, &reader));
        }
        look.begin = shown.begin(look.unfinished, text, begin);
        for hit in hits::hits(&self.indexes, &reader) {
            look.spans.push(self.span(hit.start..hit.end, &hit.found));
        }
        shown.search(&self.indexes.decoded, |found, bytes| {
            let is_begun_before = shown.row_start(&bytes).is_some_and(|start| start < look.unfinished);
            shown.spans(&bytes, |range| {
                let span = self.span(range, &found);
                if is_begun_before && span.range.end > look.unfinished {
                    look.known.push(span.clone());
                }
                look.spans.push(span);
            });
        });
        look.spans.sort_unstable_by_key(|span| span.range.start);
        look
    }

    fn span(&self, range: Range<usize>, found: &Match) -> Span {
        let group = found.window.owner.value as usize;
        Span { range, value: self.equal[group][0], is_shared: found.window.is_shared }
    }

    /// Returns the form of a match.
    fn encoding(&self, hit: &Hit, text: &[u8]) -> Encoding {
        let encoding = hit.found.window.owner.encoding;
        if !matches!(encoding, Encoding::Plain | Encoding::Part) || hit.is_plain {
            return encoding;
        }
        match self.indexes.decoded.introducer(&hit.found.window, &text[hit.start..hit.end]) {
            Some(b'%') => Encoding::Url,
            Some(b'&') => Encoding::Html,
            Some(_) => Encoding::Escaped,
            None => encoding,
        }
    }
}

/// Returns whether a byte may identify a value: quotes, backslashes and white space may surround any value.
#[must_use]
pub fn is_telling(byte: u8) -> bool {
    decode::is_kept(byte) || b"%&".contains(&byte)
}

/// Returns each value once per line; `equal` lists the values of each group.
fn by_line(text: &[u8], mut places: Vec<(usize, usize, Encoding)>, equal: &[Vec<usize>]) -> Vec<Found> {
    // At one place, the first form counts, which is the plainest.
    places.sort_unstable();
    let (mut line, mut counted) = (1, 0);
    let mut found: Vec<Found> = Vec::new();
    // The line where each group was found last.
    let mut lines = vec![0; equal.len()];
    for (start, group, encoding) in places {
        line += memchr::memchr_iter(b'\n', &text[counted..start]).count();
        counted = start;
        if std::mem::replace(&mut lines[group], line) != line {
            found.extend(equal[group].iter().map(|value| Found { line, value: *value, encoding }));
        }
    }
    found
}

#[cfg(test)]
mod tests;
