//! Text as the bytes that it stands for, whatever quotes and escapes are around them.
//!
//! Values and text are read by the same rules, so that they meet however a program has printed the value: quotes,
//! backslashes, dollar signs, white space and control characters are dropped; `\x41`, `\u0041`, `\101`, `%41` and
//! `&#65;` are an A; `\n` is dropped like the newline it stands for, and so are the colours of a terminal. What such an escape gives is read again, so an
//! escape within an escape (JSON within JSON, a URL within HTML) is read, too.
//!
//! A value may begin in the middle of what looks like an escape: `\` before a value that begins with an n. Those
//! places are kept, for the search to try them.

use super::escape::{Escape, backslash, entity, percent, terminal};
use super::steps;
use std::ops::Range;

/// What was dropped before a symbol, as bits.
pub(super) mod gap {
    /// Quotes, backslashes, dollar signs.
    pub const QUOTE: u8 = 1;
    /// White space or a control character, also by an escape.
    pub const SPACE: u8 = 2;
    /// The end of a line of the text.
    pub const NEWLINE: u8 = 4;
}

/// What tells a terminal of a colour begins with this.
pub(super) const ESC: u8 = 0x1b;

/// Classes of bytes: 0 is kept, those of [`gap`] are dropped, and the four of this value have to be looked at.
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

/// Whether nothing but this one byte can stand for it: it is no quote, no escape and no white space.
pub(super) fn is_kept(byte: u8) -> bool {
    CLASS[usize::from(byte)] == 0
}

/// 1 for each byte that is kept, so that kept ones are counted without a branch.
const KEPT: [u8; 256] = {
    let mut kept = [0; 256];
    let mut byte = 0;
    while byte < kept.len() {
        kept[byte] = (CLASS[byte] == 0) as u8;
        byte += 1;
    }
    kept
};

/// So many bytes are gone through in one go.
pub(super) const BLOCK: usize = 128;

/// Room for the bytes of a block that are kept. An index of eight bits can't be outside of it, so none is checked.
pub(super) type Room = [u8; 256];

/// Puts the bytes of a block that are kept to the beginning of `room` and says how many there are.
///
/// Every byte of a text comes through here. It is written out eight times because this program is built small, which
/// leaves loops as they are.
pub(super) fn keep(block: &[u8], room: &mut Room) -> usize {
    let mut count: u8 = 0;
    let mut put = |byte: u8| {
        room[usize::from(count)] = byte;
        count = count.wrapping_add(KEPT[usize::from(byte)]);
    };
    let (eights, rest) = block.as_chunks::<8>();
    for [a, b, c, d, e, f, g, h] in eights {
        put(*a);
        put(*b);
        put(*c);
        put(*d);
        put(*e);
        put(*f);
        put(*g);
        put(*h);
    }
    rest.iter().for_each(|byte| put(*byte));
    usize::from(count)
}

/// What was read, with its places.
#[derive(Default)]
pub(super) struct Decoded {
    /// The bytes that the text stands for. Wiped by its owner.
    pub symbols: Vec<u8>,
    /// Where in the text each begins.
    pub starts: Vec<u32>,
    /// What was dropped before it.
    pub gaps: Vec<u8>,
    /// The places in the text of escapes that stand for a symbol or for something dropped, in order.
    pub escapes: Vec<Range<u32>>,
}

impl zeroize::Zeroize for Decoded {
    fn zeroize(&mut self) {
        self.symbols.zeroize();
    }
}

/// Where reading stopped, or begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Stop {
    /// The first byte that wasn't read.
    pub at: usize,
    /// What was dropped behind the last symbol.
    pub gap: u8,
}

impl Decoded {
    /// Where the symbol's last byte in the text ends.
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

    /// Reads text from `at` until there are so many symbols more. Where it `is_end`, an escape that the text ends in is
    /// no escape; else reading stops before it.
    pub(super) fn read(&mut self, text: &[u8], from: Stop, most: usize, is_end: bool) -> Stop {
        let Stop { mut at, mut gap } = from;
        let mut count = self.symbols.len();
        let most = count + most;
        // Room for an escape's bytes behind the last.
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
        // A backslash whose escape is not read yet.
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

/// Text is read in pieces that are far smaller.
#[expect(clippy::cast_possible_truncation, reason = "places are counted within one piece of text")]
pub(super) fn narrow(place: usize) -> u32 {
    place as u32
}

pub(super) enum What {
    /// Dropped, and what follows is escaped.
    Backslash,
    Dropped(u8),
    /// The byte itself, the last that was read.
    Literal(u8),
    /// What an escape stands for.
    Bytes([u8; 4], usize),
}

impl What {
    /// Whether text that could be of a value was taken for an escape.
    pub(super) fn is_escape(&self, text: &[u8]) -> bool {
        !matches!(self, Self::Literal(_)) && text.iter().any(|byte| is_kept(*byte))
    }
}

/// What stands at a place, and where the next thing begins; `None` if the text ends within it.
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
