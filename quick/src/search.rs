//! Searches text for many values at once, in whatever form a program has printed them.
//!
//! Values and text are decoded alike (see `decode`), so quotes, escapes, line breaks and indentation make no difference.
//! What is then looked up are pieces of fixed lengths (see `index`), so the time doesn't depend on the values. What is
//! found is looked at once more: quotes may stand anywhere, but spaces and line breaks only where the value has some, or
//! in a piece too long to be there by chance.
//!
//! Bytes that a program shows as numbers (dumps, `68:75:6e`) are read as digits in a row and looked up the same way (see
//! `shown`).

mod chain;
mod decode;
mod escape;
mod gaps;
mod hits;
mod index;
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

/// What is too short to be looked for, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Shorter values stand everywhere. At least [`encodings::SHORTEST`].
    pub value: usize,
    /// A part of a longer value is looked for by itself from this length on: shorter ones are often shared.
    pub part: usize,
    /// Whether pieces of a value count: of 8 characters of a key or token, of 32 of any other value. Otherwise a value
    /// or part has to be there whole, or 64 characters of it.
    pub pieces: bool,
}

/// In files, where whoever is told of a value has to look.
pub const IN_FILES: Limits = Limits { value: 6, part: 16, pieces: false };
/// In what a program prints, where too much is hidden rather than too little.
pub const IN_OUTPUT: Limits = Limits { value: encodings::SHORTEST, part: vault_values::parts::SHORTEST, pieces: true };

/// So many characters of a longer value are enough where only whole ones count.
const RUN: usize = 64;
/// Text is gone through in pieces of this size, which overlap by what a value can take.
const PIECE: usize = 512 * 1024;
const OVERLAP: usize = 16 * 1024;

/// A place where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The line, from 1.
    pub line: usize,
    /// Which of the values, as they were given.
    pub value: usize,
    /// How it is written there.
    pub encoding: Encoding,
}

/// A piece of a text that is of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Where it stands.
    pub range: Range<usize>,
    /// Which of the values, as they were given.
    pub value: usize,
    /// Whether other values have the same piece.
    pub is_shared: bool,
}

/// Where a text begins, of which what came before is not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Begin {
    /// At the beginning of a line.
    #[default]
    Line,
    /// Within a row of a dump.
    Row,
    /// Within any other line.
    Other,
}

/// What stands in a text of which more may follow.
#[derive(Debug, Default)]
pub struct Look {
    /// The pieces that are of values, in the order of their beginnings; they may overlap.
    pub spans: Vec<Span>,
    /// Where the longest end of the text begins that a value may begin with; the text's length if there is none.
    pub unfinished: usize,
    /// Where that end begins.
    pub begin: Begin,
    /// The pieces behind its beginning that are of values for what stands before it: the columns of a dump tell of one
    /// value at several places.
    pub known: Vec<Span>,
}

/// Searches for a set of values.
pub struct Searcher {
    indexes: Indexes,
    /// For each value that is looked for the ones that are equal to it.
    equal: Vec<Vec<usize>>,
    scratch: Mutex<Scratch>,
}

impl Searcher {
    /// Searches for all forms of these values that are long enough.
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

    /// So many bytes of a text are enough to find what begins with the first of them; for whoever reads it in pieces.
    #[must_use]
    pub fn longest(&self) -> usize {
        OVERLAP
    }

    /// Where the values stand in a text: each value once a line, in the order of lines.
    #[must_use]
    pub fn search(&self, text: &[u8]) -> Vec<Found> {
        let mut places: Vec<(usize, usize, Encoding)> = Vec::new();
        let mut from = 0;
        // Of two who search at once, one does without.
        let mut kept = self.scratch.try_lock();
        let mut own = Scratch::default();
        let scratch = kept.as_deref_mut().unwrap_or(&mut own);
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

    /// What stands in a text: all of it, or of which more may follow.
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

    /// How a value is written that was found.
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

/// Whether a byte tells something of a value: quotes, backslashes and white space may stand around any.
#[must_use]
pub fn is_telling(byte: u8) -> bool {
    decode::is_kept(byte) || b"%&".contains(&byte)
}

/// Each value once a line; `equal` says which values a group of them is.
fn by_line(text: &[u8], mut places: Vec<(usize, usize, Encoding)>, equal: &[Vec<usize>]) -> Vec<Found> {
    // At one place the first form counts, which is the plainest.
    places.sort_unstable();
    let (mut line, mut counted) = (1, 0);
    let mut found: Vec<Found> = Vec::new();
    // In which line each group was found last.
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
