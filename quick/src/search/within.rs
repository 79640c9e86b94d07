//! Finds windows that start within an escape: a backslash before a value that starts with an n does not belong to the
//! value.
//!
//! After a few symbols, such a reading nearly always meets the main reading of the text, and is the same from there on.
//! So it is read no further, even if a text consists of escapes alone.

use super::chain::{Next, next};
use super::decode::{self, Decoded, Stop, What};
use super::gaps::Gaps;
use super::hits::{Hit, is_begun};
use super::index::{Index, LONGEST};
use super::reader::Reader;
use std::cell::OnceCell;
use std::ops::Range;
use zeroize::Zeroizing;

/// The most bytes that are read from within an escape: there may be an escape every few bytes.
const REACH: usize = 256;

/// Passes the windows that start within an escape to `each`.
pub(super) fn hits(index: &Index, reader: &Reader<'_>, mut each: impl FnMut(Hit)) {
    let mut inner = Inner::new(reader);
    for (number, step) in reader.steps.iter().enumerate().filter(|(_, step)| step.is_escape) {
        for start in step.start as usize + 1..step.end as usize {
            // This check nearly always suffices, which matters because a text may consist of escapes alone.
            let is_none = reader.first_within(step, start).is_some_and(|first| !index.may_begin_with_eight(first));
            if is_none || !decode::is_kept(reader.text[start]) {
                continue;
            }
            inner.read(number, start);
            if index.may_begin(&inner.symbols)
                && let Some(hit) = inner.hit(index)
            {
                each(hit);
            }
        }
    }
}

/// A reading that starts within an escape.
struct Inner<'r, 't> {
    reader: &'r Reader<'t>,
    start: usize,
    /// The symbols up to the meeting.
    decoded: Zeroizing<Decoded>,
    /// What is dropped after them.
    gap: u8,
    meeting: Option<Meeting>,
    /// The first symbols, as many as a window may have.
    symbols: Zeroizing<Vec<u8>>,
}

/// Where the reading meets the main reading of the text.
#[derive(Clone, Copy)]
struct Meeting {
    at: usize,
    escaped: bool,
    /// The number of the next symbol there.
    symbol: usize,
}

impl<'r, 't> Inner<'r, 't> {
    fn new(reader: &'r Reader<'t>) -> Self {
        let symbols = || Zeroizing::new(Vec::with_capacity(2 * LONGEST));
        let mut decoded = Zeroizing::new(Decoded::default());
        decoded.symbols.reserve(2 * LONGEST);
        Self { reader, start: 0, decoded, gap: 0, meeting: None, symbols: symbols() }
    }

    /// Reads from a position within the step with this number.
    fn read(&mut self, number: usize, start: usize) {
        self.decoded.clear();
        (self.start, self.gap, self.meeting) = (start, 0, None);
        let (mut at, mut escaped, mut ahead) = (start, false, number);
        let text = self.reader.text;
        while at < text.len() && at - start < REACH && self.decoded.symbols.len() < LONGEST {
            let Some((what, behind)) = decode::step(text, at, escaped, self.reader.is_end) else { break };
            self.take(&what, if escaped { at - 1 } else { at }, &text[at..behind], behind);
            (at, escaped) = (behind, matches!(what, What::Backslash));
            if let Some(symbol) = self.reader.meets(at, escaped, &mut ahead) {
                self.meeting = Some(Meeting { at, escaped, symbol });
                break;
            }
        }
        self.symbols.clear();
        self.symbols.extend(self.decoded.symbols.iter().take(LONGEST));
        if let Some(meeting) = self.meeting {
            let more = self.reader.symbols[meeting.symbol..].iter().take(LONGEST - self.symbols.len());
            self.symbols.extend(more);
        }
    }

    fn take(&mut self, what: &What, introducer: usize, text: &[u8], behind: usize) {
        let decoded = &mut *self.decoded;
        if what.is_escape(text) {
            decoded.escapes.push(decode::narrow(introducer)..decode::narrow(behind));
        }
        match *what {
            What::Backslash => self.gap |= decode::gap::QUOTE,
            What::Dropped(kind) => self.gap |= kind,
            What::Literal(byte) => decoded.push(byte, behind - 1, std::mem::take(&mut self.gap)),
            What::Bytes(bytes, length) => {
                for byte in &bytes[..length] {
                    decoded.push(*byte, introducer, std::mem::take(&mut self.gap));
                }
            }
        }
    }

    /// Returns the longest window at the start of the reading.
    fn hit(&self, index: &Index) -> Option<Hit> {
        let gaps = OnceCell::new();
        let found = index.first(&self.symbols, &|found| {
            let gaps = gaps.get_or_init(|| self.gaps());
            gaps.fit(found.length, found.length, found.window.gaps, self.reader.breaks)
                && self.end(found.length) <= self.start + REACH
        })?;
        let end = self.end(found.length);
        // The symbols after the escape are numbered as if it were not one.
        let to = self.reader.count_before(end).cast_signed();
        let from = to - found.length.cast_signed();
        Some(Hit { start: self.start, end, from, to, is_plain: false, found })
    }

    /// Returns what is dropped between the symbols.
    fn gaps(&self) -> Gaps {
        let mut gaps = Gaps::default();
        gaps.add_all(&self.decoded, 0);
        let count = self.decoded.symbols.len();
        let Some(Meeting { at, escaped, symbol }) = self.meeting.filter(|_| count < LONGEST) else { return gaps };
        match next(self.reader.text, at, escaped, self.reader.is_end) {
            Next::Symbol(_, kind) => {
                gaps.add(count, self.gap | kind, 0);
                gaps.followed_by(count, self.reader.gaps(symbol))
            }
            Next::End | Next::Far => {
                gaps.add(count, self.gap, u32::MAX);
                gaps
            }
        }
    }

    /// Returns where the text of the first symbols ends.
    fn end(&self, symbols: usize) -> usize {
        match (symbols.checked_sub(self.decoded.symbols.len() + 1), self.meeting) {
            (Some(behind), Some(meeting)) => self.reader.with_places(meeting.symbol + behind, 1, Decoded::end),
            _ => self.decoded.end(symbols - 1),
        }
    }
}

/// Returns where a reading starts within these escapes, before a position, that reaches the end of the text as the
/// start of a window.
pub(super) fn unfinished(index: &Index, text: &[u8], escapes: &[Range<u32>], before: usize) -> Option<usize> {
    // A reading that starts further from the end is a whole window or none.
    let near = text.len().saturating_sub(REACH);
    let mut part = Zeroizing::new(Decoded::default());
    let places = escapes.iter().flat_map(Range::clone).map(|at| at as usize);
    places.skip_while(|at| *at < near).take_while(|at| *at < before).find(|start| {
        if begins_within(index, text, *start) == Some(false) {
            return false;
        }
        part.clear();
        let stop = part.read(text, Stop { at: *start, gap: 0 }, LONGEST, false);
        let is_kept = part.starts.first().is_some_and(|at| *at as usize == *start);
        is_kept && part.symbols.len() < LONGEST && is_begun(index, &part, 0, (stop.gap, text.len()))
    })
}

/// Returns whether a window may start at this position within an escape; `None` if the text ends too early to tell.
/// Only the next symbol is decoded, so the time is that of a few bytes as long as windows rarely start here.
fn begins_within(index: &Index, text: &[u8], start: usize) -> Option<bool> {
    if !decode::is_kept(text[start]) {
        return Some(false);
    }
    match next(text, start + 1, false, false) {
        Next::Symbol(second, _) => Some(index.may_begin_with(text[start], second)),
        Next::End => None,
        Next::Far => Some(false),
    }
}
