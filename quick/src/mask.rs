//! Replaces values with stars in a stream of bytes.
//!
//! A value may arrive in pieces. So bytes at the end that could begin a value are held back until the next bytes
//! decide, or the stream ends. They are never more than the longest form of a value.

use crate::search::{Begin, Look, Scratch, Searcher, Span, is_telling};
use std::ops::Range;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What stands in the place of a value, however long it is.
pub const STARS: &[u8] = b"****";

/// The most that is looked at in one go, in bytes.
const CHUNK: usize = 64 * 1024;

/// An end shorter than this behind what is masked, quotes and line ends not counted, is let through if nothing follows for
/// a while: a prompt or an echo must be seen, and so few bytes are no value.
const SHORTEST: usize = crate::encodings::SHORTEST;

/// Masks one stream.
pub struct Masker {
    searcher: Arc<Searcher>,
    /// What was not let through yet, or only as far as `released` says.
    held: Zeroizing<Vec<u8>>,
    /// This many of the bytes held are the rest of a value.
    masked: usize,
    /// Further pieces of what is held that are of values, in rows of dumps.
    known: Vec<Span>,
    /// Where what is held begins.
    begin: Begin,
    /// This many of the bytes held were let through already.
    released: usize,
    /// Whether the last byte let through was of a value: its stars already exist.
    in_stars: bool,
    /// How often each value was masked.
    counts: Vec<u64>,
    /// How many rows of stars there were before the last one.
    rows: u64,
    /// For each value the last row of stars that stands for it, from 1.
    last_rows: Vec<u64>,
    /// Whether the last row stands for a value for certain.
    is_certain: bool,
    /// The value that they may stand for, if nothing more certain follows.
    doubtful: Option<usize>,
    scratch: Scratch,
}

impl Masker {
    /// Masks what the searcher searches for.
    #[must_use]
    pub fn new(searcher: Arc<Searcher>) -> Self {
        Self {
            searcher,
            held: Zeroizing::new(Vec::with_capacity(2 * CHUNK)),
            masked: 0,
            known: Vec::new(),
            begin: Begin::Line,
            released: 0,
            in_stars: false,
            counts: Vec::new(),
            rows: 0,
            last_rows: Vec::new(),
            is_certain: false,
            doubtful: None,
            scratch: Scratch::default(),
        }
    }

    /// Takes what came and appends to `out` what may be seen.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for chunk in bytes.chunks(CHUNK) {
            self.hold(chunk);
            let look = self.searcher.look(&self.held, self.begin, false, &mut self.scratch);
            self.let_through(look, out);
        }
    }

    /// From here on masks what this searcher searches for. Its values begin with those of the one before, so that the
    /// counts go on.
    pub fn search_for(&mut self, searcher: Arc<Searcher>) {
        self.searcher = searcher;
    }

    /// For when nothing came for a moment: lets a few bytes through that are held back.
    pub fn pause(&mut self, out: &mut Vec<u8>) {
        if self.is_waiting() {
            self.end_stars();
            out.extend_from_slice(&self.held[self.shown()..]);
            self.released = self.held.len();
        }
    }

    /// Whether [`Masker::pause`] would let something through.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let behind = self.held.get(self.masked..).unwrap_or_default();
        let bytes = behind.iter().filter(|byte| is_telling(**byte)).take(SHORTEST).count();
        bytes < SHORTEST && self.known.is_empty() && self.shown() < self.held.len()
    }

    /// How many of the bytes held are on the screen already, as they are or as stars.
    fn shown(&self) -> usize {
        self.masked.max(self.released)
    }

    /// Lets everything through: nothing follows.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        let look = self.searcher.look(&self.held, self.begin, true, &mut self.scratch);
        self.let_through(look, out);
        self.end_stars();
    }

    /// How often each value was masked, by its place among those that the searcher was made with; values behind the last
    /// one that was masked are left out. Exact once the stream is finished. One row of stars counts once for each value
    /// that it stands for; of values that have the masked piece in common the first one counts.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Takes bytes up without leaving a copy behind by growing.
    fn hold(&mut self, bytes: &[u8]) {
        let length = self.held.len() + bytes.len();
        if length > self.held.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * length));
            larger.extend_from_slice(&self.held);
            self.held = larger;
        }
        self.held.extend_from_slice(bytes);
    }

    /// Moves the first bytes held into `out`, with stars for what is a value or of one that goes on behind them.
    fn let_through(&mut self, look: Look, out: &mut Vec<u8>) {
        let Look { mut spans, unfinished: end, begin, mut known } = look;
        if !self.known.is_empty() {
            spans.extend_from_slice(&self.known);
            spans.sort_by_key(|span| span.range.start);
            known.append(&mut self.known);
        }
        for span in &mut spans {
            span.range.end = without_line_end(&self.held, &span.range);
        }
        let mut at = self.masked.min(end);
        // How far what was found so far reaches; it may reach beyond `end`.
        let mut covered = self.masked;
        for span in spans {
            if span.range.start >= end {
                break;
            }
            if span.range.start > at {
                self.show(at..span.range.start, out);
            }
            // After a pause this may be found again: its stars are complete.
            if self.in_stars || span.range.end > self.masked {
                self.hide(&span, out);
            }
            at = at.max(span.range.end.min(end));
            covered = covered.max(span.range.end);
        }
        if at < end {
            self.show(at..end, out);
        }
        self.held.drain(..end);
        self.masked = covered.saturating_sub(end);
        self.released = self.released.saturating_sub(end);
        self.begin = begin;
        self.known = behind(known, end);
    }

    fn show(&mut self, range: Range<usize>, out: &mut Vec<u8>) {
        let start = range.start.max(self.released);
        if start < range.end {
            out.extend_from_slice(&self.held[start..range.end]);
        }
        self.end_stars();
    }

    fn hide(&mut self, span: &Span, out: &mut Vec<u8>) {
        if !self.in_stars {
            self.end_stars();
            out.extend_from_slice(STARS);
        }
        self.in_stars = true;
        if span.is_shared {
            self.doubtful.get_or_insert(span.value);
        } else {
            self.is_certain = true;
            self.count(span.value);
        }
    }

    fn end_stars(&mut self) {
        if let Some(value) = self.doubtful.take().filter(|_| !self.is_certain) {
            self.count(value);
        }
        self.rows += 1;
        self.is_certain = false;
        self.in_stars = false;
    }

    /// Counts a value once for each row of stars.
    fn count(&mut self, value: usize) {
        if self.counts.len() <= value {
            self.counts.resize(value + 1, 0);
            self.last_rows.resize(value + 1, 0);
        }
        if std::mem::replace(&mut self.last_rows[value], self.rows + 1) != self.rows + 1 {
            self.counts[value] += 1;
        }
    }
}

/// Where a piece of a value ends if the end of its last line is none of it. What follows a line of stars begins a line of its
/// own then, and who waits for the line has it at once.
fn without_line_end(text: &[u8], piece: &Range<usize>) -> usize {
    match text.get(piece.clone()) {
        Some([.., _, b'\r', b'\n']) => piece.end - 2,
        Some([.., _, b'\n']) => piece.end - 1,
        _ => piece.end,
    }
}

/// What of these lies behind a place, each once, counted from there.
fn behind(mut spans: Vec<Span>, place: usize) -> Vec<Span> {
    spans.retain(|span| span.range.end > place);
    for span in &mut spans {
        span.range = span.range.start.saturating_sub(place)..span.range.end - place;
    }
    spans.sort_unstable_by_key(|span| (span.range.start, span.range.end, span.value, span.is_shared));
    spans.dedup();
    spans
}

#[cfg(test)]
mod dump_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod work_tests;
#[cfg(test)]
mod written_tests;
