//! Decodes text to the bytes that it stands for, regardless of the quotes and escapes around them.
//!
//! Values and text are read by the same rules, so that they match in whatever form a program has printed the value.
//! Quotes, backslashes, dollar signs, white space and control characters are dropped. `\x41`, `\u0041`, `\101`, `%41`
//! and `&#65;` are an A. `\n` is dropped like the newline it stands for, and so are terminal colors. The result of an
//! escape is read again, so that an escape within an escape (JSON within JSON, a URL within HTML) is decoded as well.
//!
//! A value may start in the middle of what looks like an escape: `\` before a value that starts with an n. These places
//! are recorded so that the search can try them.

use super::escape::{Escape, backslash, entity, percent, terminal};
use super::steps;
use std::ops::Range;

/// What was dropped before a symbol, as bits.
pub(super) mod gap {
    /// Quotes, backslashes or dollar signs.
    pub const QUOTE: u8 = 1;
    /// White space or a control character, possibly from an escape.
    pub const SPACE: u8 = 2;
    /// The end of a line of the text.
    pub const NEWLINE: u8 = 4;
}

/// The first byte of a terminal's escape sequences.
pub(super) const ESC: u8 = 0x1b;

/// Classes of bytes: 0 is kept, those of [`gap`] are dropped, and the four bytes with this class need a closer look.
const SPECIAL: u8 = 8;

const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte <= b' ' as usize {
        class[byte] = gap::SPACE;
        byte += 1;
    }
    class[0x7f] = gap::SPACE;
    class[b'\n' as usize] = gap::NEWLINE;
    class[b'\r' as usize] = gap::NEWLINE;
    class[b'"' as usize] = gap::QUOTE;
    class[b'\'' as usize] = gap::QUOTE;
    class[b'`' as usize] = gap::QUOTE;
    class[b'$' as usize] = gap::QUOTE;
    class[b'\\' as usize] = SPECIAL;
    class[b'%' as usize] = SPECIAL;
    class[b'&' as usize] = SPECIAL;
    class[ESC as usize] = SPECIAL;
    class
};

/// Returns whether a byte always stands for itself: it is not a quote, an escape or white space.
pub(super) const fn is_kept(byte: u8) -> bool {
    CLASS[byte as usize] == 0
}

/// Decoded text, with positions.
#[derive(Default)]
pub(super) struct Decoded {
    /// The symbols: the bytes that the text stands for. The owner wipes them.
    pub symbols: Vec<u8>,
    /// Where each symbol starts in the text.
    pub starts: Vec<u32>,
    /// What was dropped before each symbol.
    pub gaps: Vec<u8>,
    /// The positions of escapes that stand for a symbol or for something dropped, in order.
    pub escapes: Vec<Range<u32>>,
}

impl zeroize::Zeroize for Decoded {
    fn zeroize(&mut self) {
        self.symbols.zeroize();
    }
}

/// A position where reading stops or starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Stop {
    /// The first byte that was not read.
    pub at: usize,
    /// What was dropped after the last symbol.
    pub gap: u8,
}

impl Decoded {
    /// Returns where the text of a symbol ends.
    pub(super) fn end(&self, symbol: usize) -> usize {
        let start = self.starts[symbol];
        let index = self.escapes.partition_point(|escape| escape.start < start);
        match self.escapes.get(index) {
            Some(escape) if escape.start == start => escape.end as usize,
            _ => start as usize + 1,
        }
    }

    pub(super) fn clear(&mut self) {
        self.symbols.clear();
        self.starts.clear();
        self.gaps.clear();
        self.escapes.clear();
    }

    /// Reads up to `most` more symbols. If the text ends within an escape, the escape is taken literally if `is_end` is
    /// set; otherwise reading stops before it.
    pub(super) fn read(&mut self, text: &[u8], from: Stop, most: usize, is_end: bool) -> Stop {
        let Stop { mut at, mut gap } = from;
        let mut count = self.symbols.len();
        let most = count + most;
        // Room for the bytes of an escape after the last symbol.
        self.resize(most + 4);
        let mut escaped = false;
        while at < text.len() && count < most {
            steps::count(1);
            let byte = text[at];
            let class = CLASS[usize::from(byte)];
            if class < SPECIAL && !escaped {
                self.put(count, byte, at, gap);
                let is_kept = class == 0;
                count += usize::from(is_kept);
                gap = if is_kept { 0 } else { gap | class };
                at += 1;
                continue;
            }
            let introducer = if escaped { at - 1 } else { at };
            let Some((what, next)) = step(text, at, escaped, is_end) else {
                (at, escaped) = (introducer, false);
                break;
            };
            escaped = false;
            if what.is_escape(&text[at..next]) {
                self.escapes.push(narrow(introducer)..narrow(next));
            }
            match what {
                What::Backslash => {
                    escaped = true;
                    gap |= gap::QUOTE;
                }
                What::Dropped(kind) => gap |= kind,
                What::Literal(byte) => {
                    self.put(count, byte, next - 1, gap);
                    (count, gap) = (count + 1, 0);
                }
                What::Bytes(bytes, length) => {
                    for byte in &bytes[..length] {
                        self.put(count, *byte, introducer, gap);
                        (count, gap) = (count + 1, 0);
                    }
                }
            }
            at = next;
        }
        // A backslash whose escape was not read yet.
        if escaped && (at < text.len() || !is_end) {
            at -= 1;
        }
        self.resize(count);
        Stop { at, gap }
    }

    pub(super) fn push(&mut self, byte: u8, start: usize, gap: u8) {
        self.symbols.push(byte);
        self.starts.push(narrow(start));
        self.gaps.push(gap);
    }

    fn resize(&mut self, count: usize) {
        self.symbols.resize(count, 0);
        self.starts.resize(count, 0);
        self.gaps.resize(count, 0);
    }

    fn put(&mut self, index: usize, byte: u8, start: usize, gap: u8) {
        self.symbols[index] = byte;
        self.starts[index] = narrow(start);
        self.gaps[index] = gap;
    }
}

/// The pieces in which text is read are far smaller than 4 GiB.
#[expect(clippy::cast_possible_truncation, reason = "places are counted within one piece of text")]
pub(super) fn narrow(place: usize) -> u32 {
    place as u32
}

pub(super) enum What {
    /// A backslash, which is dropped; the next byte is escaped.
    Backslash,
    Dropped(u8),
    /// The last byte that was read, literally.
    Literal(u8),
    /// The bytes that an escape stands for.
    Bytes([u8; 4], usize),
}

impl What {
    /// Returns whether bytes that could belong to a value were read as an escape.
    pub(super) fn is_escape(&self, text: &[u8]) -> bool {
        !matches!(self, Self::Literal(_)) && text.iter().any(|byte| is_kept(*byte))
    }
}

/// Reads what is at a position, and returns it with the next position; `None` if the text ends within it.
pub(super) fn step(text: &[u8], at: usize, mut escaped: bool, is_end: bool) -> Option<(What, usize)> {
    let (mut byte, mut next, mut is_escape) = (text[at], at + 1, false);
    loop {
        steps::count(1);
        let found = match byte {
            b'\\' => return Some((What::Backslash, next)),
            b'%' => percent(text, next),
            b'&' => entity(text, next),
            ESC => terminal(text, next),
            _ if escaped => backslash(byte, text, next),
            _ => Escape::None,
        };
        match found {
            Escape::Unfinished if !is_end => return None,
            Escape::Char(c, behind) if !c.is_ascii() => {
                let mut bytes = [0; 4];
                let length = c.encode_utf8(&mut bytes).len();
                return Some((What::Bytes(bytes, length), behind));
            }
            Escape::Byte(high @ 0x80.., behind) => return Some((What::Bytes([high, 0, 0, 0], 1), behind)),
            Escape::Char(c, behind) => (byte, next) = (u8::try_from(c).unwrap_or_default(), behind),
            Escape::Byte(low, behind) => (byte, next) = (low, behind),
            Escape::Space(behind) => return Some((What::Dropped(gap::SPACE), behind)),
            Escape::Nothing(behind) => return Some((What::Dropped(gap::QUOTE), behind)),
            Escape::None | Escape::Unfinished => {
                let what = match CLASS[usize::from(byte)] {
                    _ if byte == ESC => What::Dropped(gap::SPACE),
                    0 | SPECIAL if is_escape => What::Bytes([byte, 0, 0, 0], 1),
                    0 | SPECIAL => What::Literal(byte),
                    gap::NEWLINE if is_escape => What::Dropped(gap::SPACE),
                    kind => What::Dropped(kind),
                };
                return Some((what, next));
            }
        }
        (escaped, is_escape) = (false, true);
    }
}
