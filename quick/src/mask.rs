//! Replaces values with stars in a stream of bytes.
//!
//! A value may arrive in pieces. So bytes at the end that could start a value are held back until the next bytes
//! decide, or the stream ends. They are never more than the longest form of a value.

use crate::search::{Begin, Look, Scratch, Searcher, Span, is_telling};
use std::ops::Range;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Replaces a value of any length.
pub const STARS: &[u8] = b"****";

/// The most bytes that are processed at once.
const CHUNK: usize = 64 * 1024;

/// Fewer bytes than this after the masked part are passed on if nothing follows for a while; quotes and line endings don't
/// count. So few bytes can't be a value, and a prompt or an echo must be seen.
const SHORTEST: usize = crate::encodings::SHORTEST;

/// Masks one stream.
pub struct Masker {
    searcher: Arc<Searcher>,
    /// The bytes that were not passed on, or only as far as `released` says.
    held: Zeroizing<Vec<u8>>,
    /// How many of the held bytes, from the start, are the rest of a value.
    masked: usize,
    /// Other pieces of values in the held bytes, in rows of dumps.
    known: Vec<Span>,
    /// The kind of place where the held bytes start.
    begin: Begin,
    /// How many of the held bytes, from the start, were already passed on.
    released: usize,
    /// Whether the last byte that was passed on belonged to a value, so that its stars are already written.
    in_stars: bool,
    /// How often each value was masked.
    counts: Vec<u64>,
    /// The number of runs of stars before the current one.
    rows: u64,
    /// For each value, the number of the last run of stars that stands for it, from 1.
    last_rows: Vec<u64>,
    /// Whether the current run is known to stand for some value.
    is_certain: bool,
    /// The value that the current run may stand for, if no certain one follows.
    doubtful: Option<usize>,
    scratch: Scratch,
}

impl Masker {
    /// Masks the values of a searcher.
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

    /// Processes bytes, and appends to `out` what may be seen.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for chunk in bytes.chunks(CHUNK) {
            self.hold(chunk);
            let look = self.searcher.look(&self.held, self.begin, false, &mut self.scratch);
            self.let_through(look, out);
        }
    }

    /// Uses another searcher from now on. Its list of values must start with those of the previous one, so that the
    /// counts stay valid.
    pub fn search_for(&mut self, searcher: Arc<Searcher>) {
        self.searcher = searcher;
    }

    /// Passes on a few bytes that are held back. Call this when no input has arrived for a moment.
    pub fn pause(&mut self, out: &mut Vec<u8>) {
        if self.is_waiting() {
            self.end_stars();
            out.extend_from_slice(&self.held[self.shown()..]);
            self.released = self.held.len();
        }
    }

    /// Returns whether [`Masker::pause`] would pass something on.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let behind = self.held.get(self.masked..).unwrap_or_default();
        let bytes = behind.iter().filter(|byte| is_telling(**byte)).take(SHORTEST).count();
        bytes < SHORTEST && self.known.is_empty() && self.shown() < self.held.len()
    }

    /// Returns how many of the held bytes are already in the output, as they are or as stars.
    fn shown(&self) -> usize {
        self.masked.max(self.released)
    }

    /// Passes on everything, because the stream has ended.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        let look = self.searcher.look(&self.held, self.begin, true, &mut self.scratch);
        self.let_through(look, out);
        self.end_stars();
    }

    /// Returns how often each value was masked, by its index in the searcher's list; the list ends with the last value
    /// that was masked. The counts are exact once the stream is finished. A run of stars counts once for each value
    /// that it stands for; if several values share the masked piece, the first one counts.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Adds bytes without leaving a copy behind when the buffer grows.
    fn hold(&mut self, bytes: &[u8]) {
        let length = self.held.len() + bytes.len();
        if length > self.held.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * length));
            larger.extend_from_slice(&self.held);
            self.held = larger;
        }
        self.held.extend_from_slice(bytes);
    }

    /// Moves the first held bytes to `out`, with stars for values and for the start of a value that continues after
    /// them.
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
        // The end of the pieces found so far, which may be after `end`.
        let mut covered = self.masked;
        for span in spans {
            if span.range.start >= end {
                break;
            }
            if span.range.start > at {
                self.show(at..span.range.start, out);
            }
            // After a pause, a piece may be found again although its stars are already written.
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

    /// Counts a value once for each run of stars.
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

/// Returns where a piece of a value ends if the newline at its end does not count. So the text after a line of stars
/// starts on its own line, and a program that waits for the line gets it at once.
fn without_line_end(text: &[u8], piece: &Range<usize>) -> usize {
    match text.get(piece.clone()) {
        Some([.., _, b'\r', b'\n']) => piece.end - 2,
        Some([.., _, b'\n']) => piece.end - 1,
        _ => piece.end,
    }
}

/// Returns the pieces that extend beyond a place, each once, with ranges relative to that place.
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
mod law_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod work_tests;
#[cfg(test)]
mod written_tests;
