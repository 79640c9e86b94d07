//! Reads bytes that are printed as two hexadecimal digits each, with separators: `68:75:6e`, `68-75-6E`, `68, 75, 6e`,
//! `0x68,0x75,0x6e`, `68 75 6e`, also across lines.

use std::ops::Range;

/// The minimum number of bytes in a run: fewer can't be a value.
const LEAST: usize = crate::encodings::SHORTEST;
/// The minimum length of a run, in characters: two digits for each byte, with one separator between them.
const SHORTEST: usize = 3 * LEAST - 1;
/// The most blanks and newlines between two bytes of one run.
const MOST_BLANKS: usize = 40;

/// The class of each byte: digits and separators are the ones that runs consist of.
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

/// Passes the positions of the digits of each run to `each`. A run at the start of the text may be shorter, because its
/// first part may have been passed on already.
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
            // The digit after the last byte may be the first digit of another run.
            at = chain(text, at, &mut bytes) + 1;
            if bytes.len() >= least {
                each(&bytes);
            }
        }
        region = next_region(text, end);
    }
}

/// Returns the next range of the text that can contain a run.
fn next_region(text: &[u8], mut from: usize) -> Option<Range<usize>> {
    // Going backwards from the end of the shortest run skips most of a text.
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

/// Reads consecutive bytes of a run, and returns where the last one starts.
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

/// Returns where the next byte must start, if there is a separator here.
fn between(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from + usize::from(text.get(from).is_some_and(|byte| b":-,".contains(byte)));
    let blanks = text[at..].iter().take(MOST_BLANKS).take_while(|byte| byte.is_ascii_whitespace()).count();
    at += blanks;
    (at > from).then(|| at + if text[at..].starts_with(b"0x") { 2 } else { 0 })
}

/// Returns where the longest unfinished run at the end of the text starts for whose digits `is_begun` returns true. A
/// run has at most `most` bytes.
pub(super) fn unfinished(text: &[u8], most: usize, mut is_begun: impl FnMut(&[u8]) -> bool) -> Option<usize> {
    let far = text.len().saturating_sub(most * (MOST_BLANKS + 5));
    let from = far + text[far..].iter().rposition(|byte| CLASS[usize::from(*byte)] == 0).map_or(0, |at| at + 1);
    let mut digits = zeroize::Zeroizing::new(Vec::with_capacity(2 * most + 2));
    (from..text.len()).find(|start| {
        digits.clear();
        is_byte(text, *start) && is_open(text, *start, most, &mut digits) && is_begun(&digits)
    })
}

/// Returns whether a run continues from there to the end of the text, and collects its digits.
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
        // A zero may belong to a byte, or to the prefix `0x` of one.
        [] | [b'0'] => true,
        [digit] if is_digit(Some(digit)) => {
            digits.push(*digit);
            true
        }
        _ => false,
    }
}
