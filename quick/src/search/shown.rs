//! Reads the bytes that a text shows as numbers, in dumps and with separators, as consecutive digits.
//!
//! The windows of values in hexadecimal digits are looked up in these digits. A match is visible up to three times: in
//! the columns of a dump, as text next to them, and both again on the next row.

use super::decode::narrow;
use super::index::{Index, LONGEST};
use super::rows::{self, Cell, Line};
use super::window::{Match, Text};
use super::{Begin, separated};
use crate::encodings::{Encoding, SMALL_DIGITS, hex_digits};
use std::ops::Range;
use zeroize::Zeroizing;

/// The minimum length of windows in other forms, for example of a key that itself consists of digits: a time of day
/// must not match a short number.
const OTHERS: usize = 16;
/// The maximum number of bytes in a window.
const MOST_BYTES: usize = LONGEST / 2;
/// A separator that no window contains.
const BREAK: &[u8; 2] = b"  ";

/// The bytes that a text shows as numbers.
#[derive(Default)]
pub(super) struct Shown {
    /// Two hexadecimal digits for each byte, and a break between bytes that don't belong together.
    digits: Zeroizing<Vec<u8>>,
    /// The position of each byte.
    places: Vec<Place>,
    /// The rows of dumps.
    rows: Vec<Range<u32>>,
    /// Where the last line starts, if it may still become a row.
    open: Option<usize>,
}

/// The position of a byte in the text.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: u32,
    end: u32,
    /// Its position in the text column of its row.
    text: Option<u32>,
    /// The index of its row.
    row: Option<u32>,
}

const NOWHERE: Place = Place { start: 0, end: 0, text: None, row: None };

impl Shown {
    /// Reads a whole text.
    pub fn read(&mut self, text: &[u8], begin: Begin, is_end: bool) {
        self.digits.clear();
        self.places.clear();
        self.rows.clear();
        self.open = None;
        let line_end = |from: usize| memchr::memchr(b'\n', &text[from..]).map(|length| from + length);
        let (mut done, mut line) = (0, 0);
        if begin != Begin::Line {
            line = line_end(0).map_or(text.len(), |end| end + 1);
            if begin == Begin::Row {
                self.rows.push(0..narrow(line));
                done = line;
            }
        }
        while line < text.len() {
            let end = line_end(line);
            let next = end.map_or(text.len(), |end| end + 1);
            match rows::read(&text[line..end.unwrap_or(text.len())], end.is_some() || is_end) {
                Line::Row(cells) => {
                    self.add_runs(text, done..line);
                    self.add_row(line..next, &cells);
                    done = next;
                }
                Line::Unfinished => {
                    self.open = Some(line);
                    break;
                }
                Line::Other => {}
            }
            line = next;
        }
        self.add_runs(text, done..line.min(text.len()));
    }

    fn add_row(&mut self, line: Range<usize>, cells: &[Cell]) {
        let row = narrow(self.rows.len());
        if self.rows.last().is_none_or(|last| last.end as usize != line.start) {
            self.add_break();
        }
        self.rows.push(narrow(line.start)..narrow(line.end));
        for cell in cells {
            let place = |at: usize| narrow(line.start + at);
            let (start, end) = (place(cell.digits.start), place(cell.digits.end));
            self.places.push(Place { start, end, text: cell.text.map(place), row: Some(row) });
            self.digits.extend(hex_digits(cell.byte, SMALL_DIGITS));
        }
    }

    fn add_runs(&mut self, text: &[u8], range: Range<usize>) {
        let part = &text[range.clone()];
        separated::runs(part, range.start == 0, |bytes| {
            self.add_break();
            for at in bytes {
                let start = narrow(range.start) + at;
                self.places.push(Place { start, end: start + 2, text: None, row: None });
                self.digits.extend_from_slice(&text[start as usize..start as usize + 2]);
            }
        });
    }

    fn add_break(&mut self) {
        self.places.push(NOWHERE);
        self.digits.extend(BREAK);
    }

    /// Passes the matches to `each`, with the range of bytes that show each of them.
    pub fn search(&self, index: &Index, mut each: impl FnMut(Match, Range<usize>)) {
        index.search(&self.digits, &Digits, &mut |found| {
            each(found, found.at / 2..(found.at + found.length).div_ceil(2));
        });
    }

    /// Returns where the first of these bytes starts, and where the last one ends.
    pub fn ends(&self, bytes: &Range<usize>) -> (usize, usize) {
        let places = &self.places[bytes.clone()];
        let start = places.iter().map(|place| place.start).min().unwrap_or_default();
        (start as usize, places.iter().map(|place| place.end).max().unwrap_or_default() as usize)
    }

    /// Returns where the row of the first of these bytes starts, if it is in a dump.
    pub fn row_start(&self, bytes: &Range<usize>) -> Option<usize> {
        let row = self.places[bytes.start].row?;
        Some(self.rows[row as usize].start as usize)
    }

    /// Passes all ranges of the text where these bytes are shown to `each`.
    pub fn spans(&self, bytes: &Range<usize>, mut each: impl FnMut(Range<usize>)) {
        for row in self.places[bytes.clone()].chunk_by(|a, b| a.row == b.row) {
            let start = row.iter().map(|place| place.start).min().unwrap_or_default() as usize;
            let end = row.iter().map(|place| place.end).max().unwrap_or_default() as usize;
            each(start..end);
            if let (Some(first), Some(last)) = (row[0].text, row[row.len() - 1].text) {
                each(first as usize..last as usize + 1);
            }
        }
    }

    /// Returns where the longest end of the text starts that shows bytes that could be the start of a value.
    pub fn unfinished(&self, index: &Index, text: &[u8]) -> usize {
        let is_begun =
            |digits: &[u8]| index.unfinished(digits, |window| is_counted(window.owner.encoding, window.length.into()));
        let end = self.open.unwrap_or(text.len());
        let dump = self.rows.last().is_some_and(|row| row.end as usize == end && text[..end].ends_with(b"\n"));
        let first = if dump {
            let from = self.places.len().saturating_sub(MOST_BYTES - 1);
            let begun = (from..self.places.len()).find(|at| is_begun(&self.digits[2 * at..]));
            begun.and_then(|at| self.places[at].row).map(|row| self.rows[row as usize].start as usize)
        } else {
            let from = self.rows.last().map_or(0, |row| row.end as usize).min(end);
            separated::unfinished(&text[from..end], MOST_BYTES, is_begun).map(|at| from + at)
        };
        first.unwrap_or(end)
    }

    /// Returns the kind of place where the rest of a text starts.
    pub fn begin(&self, at: usize, text: &[u8], begin: Begin) -> Begin {
        let row = self.rows.partition_point(|row| row.start as usize <= at).checked_sub(1);
        match at.checked_sub(1) {
            None => begin,
            Some(before) if text[before] == b'\n' => Begin::Line,
            _ if row.is_some_and(|row| (self.rows[row].end as usize) > at) => Begin::Row,
            _ => Begin::Other,
        }
    }
}

/// A text of consecutive digits.
struct Digits;

impl Text for Digits {
    fn accepts(&self, found: &Match) -> bool {
        is_counted(found.window.owner.encoding, found.length)
    }
}

fn is_counted(encoding: Encoding, length: usize) -> bool {
    encoding == Encoding::Hex || length >= OTHERS
}
