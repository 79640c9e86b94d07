//! Bytes as two hexadecimal digits each, with something between them: `68:75:6e`, `68-75-6E`, `68, 75, 6e`,
//! `0x68,0x75,0x6e`, `68 75 6e`, also over line ends.

use std::ops::Range;

/// So many bytes make a run: fewer are no value.
const LEAST: usize = crate::encodings::SHORTEST;
/// A run is no shorter, in bytes: two digits for each, and one sign between them.
const SHORTEST: usize = 3 * LEAST - 1;
/// More blanks and line ends than this are not between two bytes of one run.
const MOST_BLANKS: usize = 40;

/// Which bytes a run is made of: digits, and what stands between them.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let (mut at, digits, others) = (0, b"0123456789abcdefABCDEF", b":-, \t\r\nx");
    while at < digits.len() {
        class[digits[at] as usize] = DIGIT;
        at += 1;
    }
    at = 0;
    while at < others.len() {
        class[others[at] as usize] = BETWEEN;
        at += 1;
    }
    class
};
const DIGIT: u8 = 1;
const BETWEEN: u8 = 2;

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_digit(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| CLASS[usize::from(*byte)] == DIGIT)
}

/// Hands out the places of the digits of each run. What the text begins with is one even if it is shorter: its beginning
/// may have been let through.
pub(super) fn runs(text: &[u8], is_beginning: bool, mut each: impl FnMut(&[u32])) {
    let mut bytes: Vec<u32> = Vec::new();
    let mut region = if is_beginning { Some(0..end_of_class(text, 0)) } else { next_region(text, 0) };
    while let Some(Range { start, end }) = region {
        let least = if start == 0 && is_beginning { 1 } else { LEAST };
        let mut at = start;
        while at + 2 < end {
            if CLASS[usize::from(text[at + 2])] != BETWEEN || !is_byte(text, at) {
                at += 1;
                continue;
            }
            bytes.clear();
            // The digit behind the last byte may be of another run's first one.
            at = chain(text, at, &mut bytes) + 1;
            if bytes.len() >= least {
                each(&bytes);
            }
        }
        region = next_region(text, end);
    }
}

/// The next piece of text that a run can lie in.
fn next_region(text: &[u8], mut from: usize) -> Option<Range<usize>> {
    // Seen from its end, most of a text is skipped.
    let mut at = from + SHORTEST - 1;
    while at < text.len() {
        if CLASS[usize::from(text[at])] == 0 {
            from = at + 1;
            at = from + SHORTEST - 1;
        } else if at == from {
            return Some(from..end_of_class(text, from));
        } else {
            at -= 1;
        }
    }
    None
}

fn end_of_class(text: &[u8], from: usize) -> usize {
    text[from..].iter().position(|byte| CLASS[usize::from(*byte)] == 0).map_or(text.len(), |length| from + length)
}

fn is_byte(text: &[u8], at: usize) -> bool {
    is_digit(text.get(at)) && is_digit(text.get(at + 1))
}

/// Takes up bytes as long as one follows the other, and says where the last one begins.
fn chain(text: &[u8], from: usize, bytes: &mut Vec<u32>) -> usize {
    let mut at = from;
    loop {
        bytes.push(super::decode::narrow(at));
        match between(text, at + 2) {
            Some(next) if is_byte(text, next) => at = next,
            _ => return at,
        }
    }
}

/// Where the next byte has to begin, if something stands here that may be between two.
fn between(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from + usize::from(text.get(from).is_some_and(|byte| b":-,".contains(byte)));
    let blanks = text[at..].iter().take(MOST_BLANKS).take_while(|byte| byte.is_ascii_whitespace()).count();
    at += blanks;
    (at > from).then(|| at + if text[at..].starts_with(b"0x") { 2 } else { 0 })
}

/// Hands out the digits of each run that the text may end within, with the place of the first one, the longest first.
/// At most so many bytes of it.
pub(super) fn unfinished(text: &[u8], most: usize, mut is_begun: impl FnMut(&[u8]) -> bool) -> Option<usize> {
    let far = text.len().saturating_sub(most * (MOST_BLANKS + 5));
    let from = far + text[far..].iter().rposition(|byte| CLASS[usize::from(*byte)] == 0).map_or(0, |at| at + 1);
    let mut digits = zeroize::Zeroizing::new(Vec::with_capacity(2 * most + 2));
    (from..text.len()).find(|start| {
        digits.clear();
        is_byte(text, *start) && is_open(text, *start, most, &mut digits) && is_begun(&digits)
    })
}

/// Whether a run goes on from there to the end of the text, with nothing behind its bytes that ends it.
fn is_open(text: &[u8], mut at: usize, most: usize, digits: &mut Vec<u8>) -> bool {
    while is_byte(text, at) {
        if digits.len() == 2 * most {
            return false;
        }
        digits.extend_from_slice(&text[at..at + 2]);
        at += 2;
        if at == text.len() {
            return true;
        }
        let Some(next) = between(text, at) else { return false };
        at = next;
    }
    match &text[at..] {
        // What the zero belongs to isn't known: a byte, or a sign before one.
        [] | [b'0'] => true,
        [digit] if is_digit(Some(digit)) => {
            digits.push(*digit);
            true
        }
        _ => false,
    }
}
