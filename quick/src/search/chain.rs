//! Reads sequences of escapes, and the text after them.

use super::decode::{What, gap, is_kept, narrow, step};

/// One step in reading a sequence of escapes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// Where it starts, including the backslash that introduces it.
    pub start: u32,
    pub end: u32,
    /// The number of symbols up to its end.
    pub before: u32,
    /// Whether it is a backslash, so that the next byte is read as escaped.
    pub escapes: bool,
    /// Whether bytes that could belong to a value were read as an escape.
    pub is_escape: bool,
}

/// Reads what may be an escape, with all its backslashes: appends the symbols that it stands for, and its steps. Returns
/// where it ends and true; if the text ends within it, returns where the unfinished part starts and false.
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

/// The result of looking for the next symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The symbol, and what is dropped before it.
    Symbol(u8, u8),
    /// The text ends first.
    End,
    /// Too many bytes in a row are dropped.
    Far,
}

/// The most bytes in which the next symbol is looked for.
const FAR: usize = 64;

/// Returns the next symbol of a text, if it is near. `escaped` says whether a backslash precedes the text at `from`.
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
