//! A text that is read once and fast, and once more where something was found.

use super::decode::{self, Decoded, Stop};
use super::shown::Shown;
use std::cell::RefCell;
use std::ops::Range;
use zeroize::Zeroizing;

/// So many bytes are read in one go.
const BLOCK: usize = 64;
/// Where something was found, so many symbols are read with their places.
const DETAIL: usize = 4096;

/// Room for what a text stands for, to be used again for the next one.
#[derive(Default)]
pub struct Scratch {
    pub(super) symbols: Zeroizing<Vec<u8>>,
    pub(super) shown: Shown,
}

/// A piece of text with what it stands for.
pub(super) struct Reader<'t> {
    text: &'t [u8],
    is_end: bool,
    /// The bytes that the text stands for.
    pub symbols: &'t mut Vec<u8>,
    /// Places in the text that no escape spans, and the number of symbols before each.
    marks: Vec<(u32, u32)>,
    /// The places in the text of escapes, in order.
    pub escapes: Vec<Range<u32>>,
    /// How many symbols stand before the end of each; `None` where that is in the middle of another escape.
    pub before_ends: Vec<Option<u32>>,
    /// Where reading stopped, before an escape that the text ends in.
    pub end: usize,
    detail: RefCell<Detail>,
}

/// Symbols with their places.
#[derive(Default)]
struct Detail {
    /// The number of the first one, among all.
    from: usize,
    decoded: Zeroizing<Decoded>,
}

impl<'t> Reader<'t> {
    /// Reads all of a text.
    pub fn new(text: &'t [u8], is_end: bool, symbols: &'t mut Zeroizing<Vec<u8>>) -> Self {
        symbols.clear();
        if symbols.capacity() < text.len() + BLOCK {
            // Growing would leave a copy behind.
            *symbols = Zeroizing::new(Vec::with_capacity(text.len() + text.len() / 8 + BLOCK));
        }
        let (marks, escapes, before_ends, detail) = (Vec::new(), Vec::new(), Vec::new(), RefCell::default());
        let mut reader = Self { text, is_end, symbols, marks, escapes, before_ends, end: 0, detail };
        reader.read();
        reader
    }

    fn read(&mut self) {
        let (mut at, mut goes_on) = (0, true);
        while goes_on && at < self.text.len() {
            let rest = &self.text[at..];
            // One escape is often behind another.
            if !matches!(rest[0], b'\\' | b'%' | b'&') {
                let special = memchr::memchr3(b'\\', b'%', b'&', rest).unwrap_or(rest.len());
                self.keep(at, special);
                at += special;
            }
            if at < self.text.len() {
                self.mark(at);
                (at, goes_on) = decode::escape(self.text, at, self.is_end, self.symbols, &mut self.escapes);
                self.before_ends.resize(self.escapes.len(), None);
                if let (Some(escape), Some(before)) = (self.escapes.last(), self.before_ends.last_mut())
                    && escape.end as usize == at
                {
                    *before = Some(decode::narrow(self.symbols.len()));
                }
            }
        }
        self.end = at;
    }

    /// Takes up what is no escape.
    fn keep(&mut self, at: usize, length: usize) {
        for (index, block) in self.text[at..at + length].chunks(BLOCK).enumerate() {
            self.mark(at + index * BLOCK);
            let (mut kept, mut count) = ([0; BLOCK], 0);
            for byte in block {
                kept[count % BLOCK] = *byte;
                count += usize::from(decode::is_kept(*byte));
            }
            self.symbols.extend_from_slice(&kept[..count]);
        }
    }

    fn mark(&mut self, at: usize) {
        self.marks.push((decode::narrow(at), decode::narrow(self.symbols.len())));
    }

    /// The first eight symbols of what begins within an escape, the first of them in the lowest place, where it goes on
    /// with the text behind the escape; `None` where this can't be told without reading it.
    pub fn first_within(&self, escape: usize, start: usize) -> Option<u64> {
        let before = self.before_ends[escape]? as usize;
        let own = &self.text[start..self.escapes[escape].end as usize];
        let mut eight = u64::from_le_bytes(*self.symbols.get(before..)?.first_chunk()?);
        for byte in own.iter().take(8).rev() {
            if !decode::is_kept(*byte) {
                return None;
            }
            eight = eight << 8 | u64::from(*byte);
        }
        Some(eight)
    }

    /// Whether what begins with the last byte of an escape is known to have no second symbol near: only what is dropped
    /// follows, perhaps one escape behind the other.
    pub fn is_alone(&self, escape: usize, start: usize) -> bool {
        /// No escape is shorter.
        const SHORTEST: usize = 2;
        let end = self.escapes[escape].end as usize;
        let next = &self.escapes[escape..self.escapes.len().min(escape + decode::FAR / SHORTEST + 2)];
        let behind = escape + next.partition_point(|next| next.end as usize <= end + decode::FAR);
        let is_known = start + 1 == end && self.before_ends[escape].is_some();
        is_known && self.before_ends.get(behind) == Some(&self.before_ends[escape])
    }

    /// The number of symbols that stand before a place.
    pub fn count_before(&self, place: usize) -> usize {
        let mark = self.marks.partition_point(|(at, _)| *at as usize <= place).saturating_sub(1);
        let (at, before) = self.marks[mark];
        let kept = self.text[at as usize..place].iter().filter(|byte| decode::is_kept(**byte));
        before as usize + kept.count()
    }

    /// The last symbols, at least so many if there are, and what was dropped behind them.
    pub fn last(&self, count: usize) -> (Zeroizing<Decoded>, u8) {
        let from = self.symbols.len().saturating_sub(count);
        // With all escapes in front of them that stand for nothing: a value may begin in one.
        let mark = self.marks.partition_point(|(_, before)| (*before as usize) < from).saturating_sub(1);
        let (at, _) = self.marks.get(mark).copied().unwrap_or_default();
        let mut decoded = Zeroizing::new(Decoded::default());
        let rest = self.text.len() - at as usize;
        let stop = decoded.read(self.text, Stop { at: at as usize, gap: 0 }, rest, self.is_end);
        (decoded, stop.gap)
    }

    /// The last mark before a symbol.
    fn mark_of(&self, symbol: usize) -> (u32, u32) {
        let mark = self.marks.partition_point(|(_, before)| *before as usize <= symbol).saturating_sub(1);
        self.marks.get(mark).copied().unwrap_or_default()
    }

    /// Hands out symbols of which so many are needed with their places, and the number of the first one among these.
    pub fn with_places<T>(&self, from: usize, count: usize, then: impl FnOnce(&Decoded, usize) -> T) -> T {
        let mut detail = self.detail.borrow_mut();
        let end = detail.from + detail.decoded.symbols.len();
        if from < detail.from || from + count > end {
            let (at, before) = self.mark_of(from);
            detail.from = before as usize;
            detail.decoded.clear();
            let most = from - detail.from + count.max(DETAIL);
            detail.decoded.read(self.text, Stop { at: at as usize, gap: 0 }, most, self.is_end);
        }
        then(&detail.decoded, from - detail.from)
    }
}
