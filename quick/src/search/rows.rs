//! Reads one row of a dump: `xxd`, `hexdump`, `od`, `openssl` and PowerShell print up to a few dozen bytes in a row.
//!
//! A row has an offset, the bytes as groups of hexadecimal or octal digits, and possibly the same bytes as text. The
//! text column must agree with the bytes, so that an ordinary line that starts with two numbers is not taken for a row.

use super::separated::is_blank;
use std::ops::Range;

/// The longest row, in bytes. A row of `xxd -c 256` is a little shorter.
pub(super) const LONGEST_ROW: usize = 1024;
/// The deepest indentation of an offset, in bytes.
const DEEPEST: usize = 16;
/// How many characters `od -c`, `od -b` and `hexdump -c` print for each byte.
const FIELD: usize = 4;

/// The kind of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Row(Vec<Cell>),
    /// The line ends before its kind is known.
    Unfinished,
    Other,
}

/// One byte of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub byte: u8,
    /// The position of its digits in the line.
    pub digits: Range<usize>,
    /// Its position in the text column.
    pub text: Option<usize>,
}

/// Reads a line without its newline. `is_whole` says whether the line is complete.
pub(super) fn read(line: &[u8], is_whole: bool) -> Line {
    let line = if is_whole { line.strip_suffix(b"\r").unwrap_or(line) } else { line };
    if line.len() > LONGEST_ROW || line.first().is_none_or(|byte| !byte.is_ascii_hexdigit() && !is_blank(*byte)) {
        return if line.is_empty() && !is_whole { Line::Unfinished } else { Line::Other };
    }
    let unfinished = if is_whole { Line::Other } else { Line::Unfinished };
    match fields(line, is_whole) {
        Line::Other => {}
        found => return found,
    }
    let Some(offset) = offset(line) else { return Line::Other };
    if offset.end >= line.len() {
        return unfinished;
    }
    let Some(mut cells) = columns(line, &offset) else { return Line::Other };
    let digits_end = |cells: &[Cell]| cells.iter().map(|cell| cell.digits.end).max().unwrap_or(offset.end);
    let end = digits_end(&cells);
    if line[end..].iter().all(|byte| is_blank(*byte)) && (!cells.is_empty() || !is_whole) {
        return if is_whole { Line::Row(cells) } else { Line::Unfinished };
    }
    if !is_whole {
        // The cut may be within a group of digits, or in the text column.
        let rest = line[end..].trim_ascii_start();
        let is_open = rest.len() <= cells.len() + 2 || rest.iter().all(u8::is_ascii_hexdigit);
        return if is_open { Line::Unfinished } else { Line::Other };
    }
    let is_row = add_text(&mut cells, line, end)
        || (offset.is_big_endian && {
            // `xxd -e` prints the bytes of a group in reverse order.
            cells = columns(line, &Offset { is_big_endian: false, ..offset }).unwrap_or_default();
            let end = digits_end(&cells);
            add_text(&mut cells, line, end)
        });
    if is_row { Line::Row(cells) } else { Line::Other }
}

/// The start of a row.
struct Offset {
    /// Where the bytes start, including the blanks before them.
    end: usize,
    /// Whether a group of digits starts with its first byte.
    is_big_endian: bool,
}

/// Returns the offset of a row, or the start of one at the end of the line.
fn offset(line: &[u8]) -> Option<Offset> {
    let indent = line.iter().take_while(|byte| is_blank(**byte)).count();
    let from = if line[indent..].starts_with(b"0x") { indent + 2 } else { indent };
    let count = line[from..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if indent > DEEPEST || count > 16 {
        return None;
    }
    let end = from + count;
    if indent == 1 && from == 1 && matches!(count, 4 | 6) && line.get(end).is_none_or(|byte| is_blank(*byte)) {
        // `od -An` prints no offset.
        return Some(Offset { end: 0, is_big_endian: false });
    }
    let at = |end: usize, is_big_endian: bool| Some(Offset { end, is_big_endian });
    match &line[end..] {
        [] | [b':'] => at(line.len(), true),
        [b':', blank, ..] if count >= 4 && is_blank(*blank) => at(end + 1, true),
        [b' ', b'-', b' ', ..] if count >= 4 => at(end + 2, true),
        [b' '] | [b' ', b'-'] if count >= 4 => at(line.len(), true),
        [b' ', ..] if count >= 6 => at(end, false),
        _ => None,
    }
}

/// Returns the bytes of a row that are printed as groups of digits of the same width.
fn columns(line: &[u8], offset: &Offset) -> Option<Vec<Cell>> {
    let mut cells = Vec::new();
    let mut at = offset.end;
    at += line[at..].iter().take_while(|byte| is_blank(**byte)).count();
    let width = line[at..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    // An octal number of six digits is two bytes.
    let is_octal = width == 6 && !offset.is_big_endian;
    loop {
        if !offset.is_big_endian && width > 2 && !cells.is_empty() {
            // `xxd -e` aligns the last group to the right.
            at += line[at..].iter().take_while(|byte| is_blank(**byte)).count();
        }
        let count = line[at..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let is_last = line.get(at + count).is_none_or(|byte| is_blank(*byte));
        // The last group of `xxd` may be shorter.
        let fits = count > 0 && count.is_multiple_of(2) && (count == width || (!is_octal && count < width));
        let is_joined = line.get(at + count) == Some(&b'-') && cells.len() == 7;
        if !fits || !(is_last || is_joined) {
            break;
        }
        let group = at..at + count;
        if is_octal {
            add_octal(&mut cells, line, group)?;
        } else {
            add_hex(&mut cells, line, group, offset.is_big_endian);
        }
        // `hexdump -C` prints an additional blank in the middle.
        let is_middle =
            cells.len() == 8 && width == 2 && !offset.is_big_endian && line[at + count..].starts_with(b"  ");
        at += count + if is_middle { 2 } else { 1 };
        if at >= line.len() {
            break;
        }
    }
    Some(cells)
}

fn add_hex(cells: &mut Vec<Cell>, line: &[u8], group: Range<usize>, is_big_endian: bool) {
    let cell = |at: usize| {
        let digit = |at: usize| char::from(line[at]).to_digit(16).unwrap_or_default();
        Cell { byte: (digit(at) << 4 | digit(at + 1)).to_le_bytes()[0], digits: at..at + 2, text: None }
    };
    let places = group.step_by(2);
    if is_big_endian { cells.extend(places.map(cell)) } else { cells.extend(places.rev().map(cell)) }
}

fn add_octal(cells: &mut Vec<Cell>, line: &[u8], group: Range<usize>) -> Option<()> {
    let digits = std::str::from_utf8(&line[group.clone()]).ok()?;
    let word = u16::from_str_radix(digits, 8).ok()?;
    cells.extend(word.to_le_bytes().map(|byte| Cell { byte, digits: group.clone(), text: None }));
    Some(())
}

/// Finds the text column of a row after its digits.
fn add_text(cells: &mut [Cell], line: &[u8], digits_end: usize) -> bool {
    let line = if is_framed(line, cells.len()) { &line[..line.len() - 1] } else { line };
    let Some(start) = line.len().checked_sub(cells.len()).filter(|start| *start > digits_end && !cells.is_empty())
    else {
        return false;
    };
    // `tcpdump` prints a dot for a space as well.
    let agrees = |cell: &Cell, shown: u8| cell.byte == shown || !cell.byte.is_ascii_graphic();
    let is_between = line[digits_end..start].iter().all(|byte| is_blank(*byte) || b"|>".contains(byte));
    if !is_between || !cells.iter().zip(&line[start..]).all(|(cell, shown)| agrees(cell, *shown)) {
        return false;
    }
    for (cell, at) in cells.iter_mut().zip(start..) {
        cell.text = Some(at);
    }
    true
}

/// Returns whether this many characters are framed by two delimiters at the end of a line.
fn is_framed(line: &[u8], count: usize) -> bool {
    line.len()
        .checked_sub(count + 2)
        .is_some_and(|at| matches!((line[at], line.last()), (b'|', Some(b'|')) | (b'>', Some(b'<'))))
}

/// Returns the bytes of `od -c`, `od -a`, `od -b` and `hexdump -c`: each takes four characters, including blanks.
fn fields(line: &[u8], is_whole: bool) -> Line {
    let offset = line.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).count();
    if !(offset == 0 || (6..=16).contains(&offset)) {
        return Line::Other;
    }
    let (whole, rest) = line[offset..].as_chunks::<FIELD>();
    let mut cells = Vec::with_capacity(whole.len());
    for (field, at) in whole.iter().zip((offset..).step_by(FIELD)) {
        let (byte, skip) = match *field {
            [b' ', b' ', b' ', byte @ b' '..=b'~'] => (byte, 3),
            [b' ', b' ', b'\\', letter] => (escaped(letter), 2),
            // The names that `od -a` prints.
            [b' ', b' ', b's', b'p'] => (b' ', 2),
            [b' ', b' ', b'n', b'l'] => (b'\n', 2),
            [b' ', digits @ ..] => match octal(digits) {
                Some(byte) => (byte, 1),
                None => return Line::Other,
            },
            _ => return Line::Other,
        };
        cells.push(Cell { byte, digits: at + skip..at + FIELD, text: None });
    }
    let is_text = cells.iter().any(|cell| cell.byte != b' ');
    match (rest, is_whole) {
        ([], true) if is_text => Line::Row(cells),
        ([] | [b' ', ..], false) => Line::Unfinished,
        _ => Line::Other,
    }
}

fn octal(digits: [u8; 3]) -> Option<u8> {
    let value = digits
        .iter()
        .try_fold(0, |value, digit| (b'0'..=b'7').contains(digit).then(|| value * 8 + u32::from(digit - b'0')));
    value.and_then(|value| u8::try_from(value).ok())
}

/// Returns the byte that a letter after a backslash stands for; other characters stand for themselves.
fn escaped(letter: u8) -> u8 {
    match letter {
        b'0' => 0,
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        other => other,
    }
}
