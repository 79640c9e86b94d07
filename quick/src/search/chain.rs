//! Escapes that stand one behind the other, and what comes behind them.

use super::decode::{What, gap, is_kept, narrow, step};

/// One thing that was read of escapes that stand one behind the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Where it begins, with the backslash that it belongs to.
    pub start: u32,
    pub end: u32,
    /// How many symbols stand before its end.
    pub before: u32,
    /// Whether it is a backslash: what stands behind it is read as what one escapes.
    pub escapes: bool,
    /// Whether text that could be of a value was taken for an escape.
    pub is_escape: bool,
}

/// Reads what may be an escape: adds what it stands for and the steps, and says where it ends, and whether the text goes on
/// there. Otherwise the text ends in it, and that is where it begins.
pub(super) fn escape(
    text: &[u8],
    mut at: usize,
    is_end: bool,
    symbols: &mut Vec<u8>,
    steps: &mut Vec<Step>,
) -> (usize, bool) {
    let mut escaped = false;
    while at < text.len() {
        let introducer = if escaped { at - 1 } else { at };
        let Some((what, next)) = step(text, at, escaped, is_end) else { return (introducer, false) };
        escaped = matches!(what, What::Backslash);
        let is_escape = what.is_escape(&text[at..next]);
        match what {
            What::Backslash | What::Dropped(_) => {}
            What::Literal(byte) => symbols.push(byte),
            What::Bytes(bytes, length) => symbols.extend_from_slice(&bytes[..length]),
        }
        let (start, end, before) = (narrow(introducer), narrow(next), narrow(symbols.len()));
        steps.push(Step { start, end, before, escapes: escaped, is_escape });
        at = next;
        if !escaped {
            return (at, true);
        }
    }
    if is_end { (at, true) } else { (at - 1, false) }
}

/// What is found when looking for the next symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The symbol, and what is dropped before it.
    Symbol(u8, u8),
    /// The text ends first.
    End,
    /// Nothing but what is dropped, for too long.
    Far,
}

/// More than so many bytes are not gone through for the next symbol.
const FAR: usize = 64;

/// The next symbol of a text, if it is near; of one whose first byte is `escaped` or not.
pub(super) fn next(text: &[u8], from: usize, mut escaped: bool, is_end: bool) -> Next {
    if let Some(byte) = text.get(from).filter(|byte| !escaped && is_kept(**byte)) {
        return Next::Symbol(*byte, 0);
    }
    let (mut at, mut gap) = (from, 0);
    while at < text.len() {
        if at - from > FAR {
            return Next::Far;
        }
        let Some((what, behind)) = step(text, at, escaped, is_end) else { return Next::End };
        match what {
            What::Literal(byte) | What::Bytes([byte, ..], _) => return Next::Symbol(byte, gap),
            What::Backslash => gap |= gap::QUOTE,
            What::Dropped(kind) => gap |= kind,
        }
        (at, escaped) = (behind, matches!(what, What::Backslash));
    }
    Next::End
}
