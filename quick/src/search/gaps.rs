//! Decides what may be dropped between the symbols of a window.

use super::decode::{Decoded, gap};
use super::index::LONGEST;

/// The longest distance between two symbols of one value, in bytes.
pub(super) const LONGEST_GAP: u32 = 1024;
/// In a stream, a line break inside a value is accepted only after this many characters of the value. So a line that
/// ends with fewer of them is not held back.
const BEFORE_BREAK: usize = 4;
/// The minimum length of windows that may contain line breaks.
const BROKEN: usize = 8;
/// The minimum length of windows that may contain white space anywhere.
const SPACED: usize = 16;

/// Where windows may contain line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaks {
    /// After the first few symbols only.
    Late,
    /// Anywhere, in long windows.
    Anywhere,
}

/// What is dropped before each symbol of a window, as bits, so that a whole window is checked at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gaps {
    newline: u32,
    /// White space without a line break.
    space: u32,
    far: u32,
}

impl Gaps {
    /// Adds what is dropped before a symbol, which starts at this distance from the previous one.
    pub fn add(&mut self, index: usize, kind: u8, distance: u32) {
        self.newline |= u32::from(kind & gap::NEWLINE != 0) << index;
        self.space |= u32::from(kind & (gap::SPACE | gap::NEWLINE) == gap::SPACE) << index;
        self.far |= u32::from(distance > LONGEST_GAP) << index;
    }

    /// Adds what is dropped before each symbol of a text from `from` on, as many as a window has.
    pub fn add_all(&mut self, decoded: &Decoded, from: usize) {
        let count = (decoded.symbols.len() - from).min(LONGEST);
        for index in 1..count {
            let at = from + index;
            self.add(index, decoded.gaps[at], decoded.starts[at] - decoded.starts[at - 1]);
        }
    }

    /// Returns whether two of the symbols are too far apart to belong together.
    pub fn is_far(self) -> bool {
        self.far != 0
    }

    /// Returns the same gaps, counted from a later symbol.
    pub fn behind(self, symbols: usize) -> Self {
        Self { newline: self.newline >> symbols, space: self.space >> symbols, far: self.far >> symbols }
    }

    /// Returns these gaps, followed by `others` after this many symbols. The gap before the first symbol of `others` is the
    /// one that `self` has.
    pub fn followed_by(self, symbols: usize, others: Self) -> Self {
        let join = |own: u32, other: u32| own | (other & !1) << symbols;
        Self {
            newline: join(self.newline, others.newline),
            space: join(self.space, others.space),
            far: join(self.far, others.far),
        }
    }

    /// Returns whether this may be dropped before the first symbols of a window of some length. `own` has a bit for
    /// each symbol before which the value itself has something that is dropped.
    pub fn fit(self, symbols: usize, length: usize, own: u32, breaks: Breaks) -> bool {
        let inner = u32::MAX >> (LONGEST - symbols.clamp(1, LONGEST)) & !1;
        let early = match breaks {
            _ if length < BROKEN => u32::MAX,
            Breaks::Anywhere if length >= SPACED => 0,
            Breaks::Anywhere | Breaks::Late => (1 << BEFORE_BREAK) - 1,
        };
        let space = if length >= SPACED { 0 } else { self.space };
        self.far & inner == 0 && (self.newline & early | space) & inner & !own == 0
    }
}

/// Returns whether this may be dropped before a symbol where the text continues as the value does, or repeats what a
/// window of some length repeats: it must be allowed in one of the windows that contain the symbol.
pub(super) fn goes_on(kind: u8, distance: u32, length: usize) -> bool {
    let mut gaps = Gaps::default();
    gaps.add(BEFORE_BREAK, kind, distance);
    gaps.fit(BEFORE_BREAK + 1, length, 0, Breaks::Late)
}
