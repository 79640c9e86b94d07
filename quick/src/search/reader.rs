//! Reads a text once, fast, and again with positions where something was found.

use super::chain::{self, Step};
use super::decode::{self, Decoded, Stop};
use super::gaps::{self, Breaks, Gaps};
use super::index::LONGEST;
use super::keep::{BLOCK, ROOM, Room, keep};
use super::shown::Shown;
use super::steps;
use super::window::{Match, Text};
use std::cell::{Cell, RefCell};
use zeroize::Zeroizing;

/// The number of symbols that are read with positions where something was found.
const DETAIL: usize = 4096;

/// Buffers for what a text stands for, which are reused for the next text.
#[derive(Default)]
pub struct Scratch {
    pub(super) symbols: Zeroizing<Vec<u8>>,
    pub(super) shown: Shown,
}

/// A text, with what it stands for.
pub(super) struct Reader<'t> {
    pub text: &'t [u8],
    pub is_end: bool,
    /// The symbols: the bytes that the text stands for.
    pub symbols: &'t mut Vec<u8>,
    /// Positions in the text that are not inside an escape, each with the number of symbols before it.
    marks: Vec<(u32, u32)>,
    /// How the escapes in the text were read, in order.
    pub steps: Vec<Step>,
    pub breaks: Breaks,
    /// Where reading stopped: the end, or an escape that the text ends in.
    pub end: usize,
    detail: RefCell<Detail>,
    near: Cell<Near>,
}

/// Symbols with their positions.
#[derive(Default)]
struct Detail {
    /// The number of the first symbol in the whole text.
    from: usize,
    decoded: Zeroizing<Decoded>,
}

/// What is dropped before some consecutive symbols.
#[derive(Debug, Clone, Copy, Default)]
struct Near {
    /// The number of the first of these symbols.
    from: usize,
    count: usize,
    gaps: Gaps,
}

impl<'t> Reader<'t> {
    /// Reads a whole text.
    pub fn new(text: &'t [u8], is_end: bool, breaks: Breaks, symbols: &'t mut Zeroizing<Vec<u8>>) -> Self {
        symbols.clear();
        if symbols.capacity() < text.len() + BLOCK {
            // A buffer that grows would leave a copy behind.
            *symbols = Zeroizing::new(Vec::with_capacity(text.len() + text.len() / 8 + BLOCK));
        }
        let (marks, steps, detail, near) = (Vec::new(), Vec::new(), RefCell::default(), Cell::default());
        let mut reader = Self { text, is_end, symbols, marks, steps, breaks, end: 0, detail, near };
        reader.read();
        reader
    }

    fn read(&mut self) {
        let (mut at, mut goes_on) = (0, true);
        let mut room = Zeroizing::new(ROOM);
        let (mut sign, mut colour) = (None, None);
        while goes_on && at < self.text.len() {
            // An escape often follows another one directly.
            if !matches!(self.text[at], b'\\' | b'%' | b'&' | decode::ESC) {
                let sign = from(&mut sign, self.text, at, |rest| memchr::memchr3(b'\\', b'%', b'&', rest));
                let colour = from(&mut colour, self.text, at, |rest| memchr::memchr(decode::ESC, rest));
                let special = sign.min(colour);
                self.keep(at, special - at, &mut room);
                at = special;
            }
            if at < self.text.len() {
                self.mark(at);
                (at, goes_on) = chain::escape(self.text, at, self.is_end, self.symbols, &mut self.steps);
            }
        }
        self.end = at;
    }

    /// Reads text that contains no escape.
    fn keep(&mut self, at: usize, length: usize, room: &mut Room) {
        for (index, block) in self.text[at..at + length].chunks(BLOCK).enumerate() {
            self.mark(at + index * BLOCK);
            steps::count(block.len());
            let count = keep(block, room);
            self.symbols.extend_from_slice(&room[..count]);
        }
    }

    fn mark(&mut self, at: usize) {
        self.marks.push((decode::narrow(at), decode::narrow(self.symbols.len())));
    }

    /// Returns the first eight symbols of a reading that starts within a step and continues with the text after the
    /// step, with the first symbol in the lowest byte; `None` if they are not known without decoding.
    pub fn first_within(&self, step: &Step, start: usize) -> Option<u64> {
        if step.escapes {
            return None;
        }
        let inner = &self.text[start..step.end as usize];
        let mut eight = u64::from_le_bytes(*self.symbols.get(step.before as usize..)?.first_chunk()?);
        for byte in inner.iter().take(8).rev() {
            if !decode::is_kept(*byte) {
                return None;
            }
            eight = eight << 8 | u64::from(*byte);
        }
        Some(eight)
    }

    /// Returns the number of the next symbol, if the main reading passed this position in the same state. `next` is the
    /// index of a step that ends no later than the first step that ends at or after the position; it is moved to that
    /// step.
    pub fn meets(&self, at: usize, escaped: bool, next: &mut usize) -> Option<usize> {
        while self.steps.get(*next).is_some_and(|step| (step.end as usize) < at) {
            *next += 1;
        }
        if at > self.end {
            return None;
        }
        match self.steps.get(*next) {
            Some(step) if step.end as usize == at => (step.escapes == escaped).then_some(step.before as usize),
            Some(step) if (step.start as usize) < at => None,
            // Between escapes.
            _ if escaped => None,
            _ => {
                let last = self.steps[..*next].last()?;
                let kept = self.text[last.end as usize..at].iter().filter(|byte| decode::is_kept(**byte)).count();
                Some(last.before as usize + kept)
            }
        }
    }

    /// Returns the number of symbols before a position.
    pub fn count_before(&self, place: usize) -> usize {
        let mark = self.marks.partition_point(|(at, _)| *at as usize <= place).saturating_sub(1);
        let (at, before) = self.marks[mark];
        let kept = self.text[at as usize..place].iter().filter(|byte| decode::is_kept(**byte));
        before as usize + kept.count()
    }

    /// Returns at least this many of the last symbols, if there are as many, and what was dropped after them.
    pub fn last(&self, count: usize) -> (Zeroizing<Decoded>, u8) {
        let from = self.symbols.len().saturating_sub(count);
        // All escapes before them that stand for nothing are included: a value may start within one.
        let mark = self.marks.partition_point(|(_, before)| (*before as usize) < from).saturating_sub(1);
        let (at, _) = self.marks.get(mark).copied().unwrap_or_default();
        let mut decoded = Zeroizing::new(Decoded::default());
        let rest = self.text.len() - at as usize;
        let stop = decoded.read(self.text, Stop { at: at as usize, gap: 0 }, rest, self.is_end);
        (decoded, stop.gap)
    }

    /// Returns the last mark before a symbol.
    fn mark_of(&self, symbol: usize) -> (u32, u32) {
        let mark = self.marks.partition_point(|(_, before)| *before as usize <= symbol).saturating_sub(1);
        self.marks.get(mark).copied().unwrap_or_default()
    }

    /// Calls `then` with symbols and their positions, at least `count` from `from` on, and with the index of the first
    /// one among them.
    pub fn with_places<T>(&self, from: usize, count: usize, then: impl FnOnce(&Decoded, usize) -> T) -> T {
        let mut detail = self.detail.borrow_mut();
        let end = detail.from + detail.decoded.symbols.len();
        if from < detail.from || from + count > end {
            // Some earlier symbols are included: after a long match, the search goes back by a window.
            let first = from.saturating_sub(2 * LONGEST);
            let (at, before) = self.mark_of(first);
            detail.from = before as usize;
            detail.decoded.clear();
            let most = from - detail.from + count.max(DETAIL);
            detail.decoded.read(self.text, Stop { at: at as usize, gap: 0 }, most, self.is_end);
        }
        then(&detail.decoded, from - detail.from)
    }

    /// Returns what is dropped between the symbols from `from` on, as many as a window may have. If `from` moves by one
    /// symbol, only the new one is read.
    pub fn gaps(&self, from: usize) -> Gaps {
        let near = self.near.get();
        let count = LONGEST.min(self.symbols.len() - from);
        let (mut gaps, known) = match from.checked_sub(near.from) {
            Some(moved) if moved < near.count => (near.gaps.behind(moved), near.count - moved),
            _ => (Gaps::default(), 1),
        };
        if known < count {
            steps::count(count - known);
            self.with_places(from, count, |places, at| {
                for index in known..count {
                    let distance = places.starts[at + index] - places.starts[at + index - 1];
                    gaps.add(index, places.gaps[at + index], distance);
                }
            });
        }
        self.near.set(Near { from, count, gaps });
        gaps
    }
}

/// Returns the next position of something in a text from `at` on: the known one, or the result of searching again.
fn from(known: &mut Option<usize>, text: &[u8], at: usize, find: impl Fn(&[u8]) -> Option<usize>) -> usize {
    if known.is_none_or(|place| place < at) {
        *known = Some(find(&text[at..]).map_or(text.len(), |length| at + length));
    }
    known.unwrap_or(text.len())
}

impl Text for Reader<'_> {
    fn accepts(&self, found: &Match) -> bool {
        self.gaps(found.at).fit(found.length, found.length, found.window.gaps, self.breaks)
    }

    fn goes_on(&self, at: usize, length: usize) -> bool {
        self.with_places(at - 1, 2, |places, before| {
            gaps::goes_on(places.gaps[before + 1], places.starts[before + 1] - places.starts[before], length)
        })
    }
}
