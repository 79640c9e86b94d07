//! What may be dropped between the symbols of a window.

use super::decode::{Decoded, gap};
use super::index::LONGEST;

/// More than so many bytes between two characters, and they don't belong together.
pub(super) const LONGEST_GAP: u32 = 1024;
/// Where more of a text may follow, a line may break within a value behind so many characters of it: what is shown of them is
/// not held back.
const BEFORE_BREAK: usize = 4;
/// Windows from this length on may be broken into lines.
const BROKEN: usize = 8;
/// In windows from this length on spaces may stand anywhere.
const SPACED: usize = 16;

/// Where lines may break within windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaks {
    /// Not behind the first few symbols.
    Late,
    /// In long windows anywhere.
    Anywhere,
}

/// What is dropped before each of the symbols that a window may have, as bits, so that all of a window is looked at at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gaps {
    newline: u32,
    /// White space without the end of a line.
    space: u32,
    far: u32,
}

impl Gaps {
    /// Adds what is dropped before a symbol, which begins so far behind the one before it.
    pub fn add(&mut self, index: usize, kind: u8, distance: u32) {
        self.newline |= u32::from(kind & gap::NEWLINE != 0) << index;
        self.space |= u32::from(kind & (gap::SPACE | gap::NEWLINE) == gap::SPACE) << index;
        self.far |= u32::from(distance > LONGEST_GAP) << index;
    }

    /// Adds what is dropped before the symbols of a text from one on, and before the first of them.
    pub fn add_all(&mut self, decoded: &Decoded, from: usize) {
        let count = (decoded.symbols.len() - from).min(LONGEST);
        for index in 1..count {
            let at = from + index;
            self.add(index, decoded.gaps[at], decoded.starts[at] - decoded.starts[at - 1]);
        }
    }

    /// Whether two symbols don't belong together.
    pub fn is_far(self) -> bool {
        self.far != 0
    }

    /// The same, counted from a later symbol.
    pub fn behind(self, symbols: usize) -> Self {
        Self { newline: self.newline >> symbols, space: self.space >> symbols, far: self.far >> symbols }
    }

    /// These, and so many symbols later the others; what is dropped before the first of those is left as it is.
    pub fn followed_by(self, symbols: usize, others: Self) -> Self {
        let join = |own: u32, other: u32| own | (other & !1) << symbols;
        Self {
            newline: join(self.newline, others.newline),
            space: join(self.space, others.space),
            far: join(self.far, others.far),
        }
    }

    /// Whether this may be dropped before the first symbols of a window of some length, which drops something there itself
    /// where a bit is set.
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

/// Whether this may be dropped before a symbol where the text goes on with what a window of some length repeats, or as the
/// value does: if it may in one of the windows that the symbol is in.
pub(super) fn goes_on(kind: u8, distance: u32, length: usize) -> bool {
    let mut gaps = Gaps::default();
    gaps.add(BEFORE_BREAK, kind, distance);
    gaps.fit(BEFORE_BREAK + 1, length, 0, Breaks::Late)
}
