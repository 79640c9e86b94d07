//! The bytes that a text shows as numbers, in dumps and with something between them, as digits in a row.
//!
//! What is looked up in these digits are the windows of values in hexadecimal digits. What is found there is found on
//! the screen up to three times: in the columns of a dump, beside them as text, and both again on the next row.

use super::decode::narrow;
use super::index::{Index, LONGEST};
use super::rows::{self, Cell, Line};
use super::window::{Match, Text};
use super::{Begin, separated};
use crate::encodings::Encoding;
use std::ops::Range;
use zeroize::Zeroizing;

/// A value of which another sign than hexadecimal digits stands for bytes (a key that is digits itself) counts from this
/// length on: a time of day is no short number.
const OTHERS: usize = 16;
/// No window has more bytes.
const MOST_BYTES: usize = LONGEST / 2;
/// What no window begins with, goes on with or ends with.
const BREAK: &[u8; 2] = b"  ";

/// The bytes of a text that are shown as numbers.
#[derive(Default)]
pub(super) struct Shown {
    /// Two hexadecimal digits for each, and a break between what doesn't belong together.
    digits: Zeroizing<Vec<u8>>,
    /// Where each byte stands.
    places: Vec<Place>,
    /// The rows of dumps.
    rows: Vec<Range<u32>>,
    /// Where the last line begins, if more of it may make it a row.
    open: Option<usize>,
}

/// Where a byte stands in the text.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: u32,
    end: u32,
    /// In the text column of its row.
    text: Option<u32>,
    /// Which row this is.
    row: Option<u32>,
}

const NOWHERE: Place = Place { start: 0, end: 0, text: None, row: None };

impl Shown {
    /// Reads all of a text.
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
            let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
            self.digits.extend([digit(cell.byte >> 4), digit(cell.byte & 15)]);
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

    /// Hands out what is found, and the bytes that show it.
    pub fn search(&self, index: &Index, mut each: impl FnMut(Match, Range<usize>)) {
        index.search(&self.digits, &Digits, &mut |found| {
            each(found, found.at / 2..(found.at + found.length).div_ceil(2));
        });
    }

    /// Where the first of these bytes begins, and the last one ends.
    pub fn ends(&self, bytes: &Range<usize>) -> (usize, usize) {
        let places = &self.places[bytes.clone()];
        let start = places.iter().map(|place| place.start).min().unwrap_or_default();
        (start as usize, places.iter().map(|place| place.end).max().unwrap_or_default() as usize)
    }

    /// Where the row begins that the first of these bytes stands in, if that is one of a dump.
    pub fn row_start(&self, bytes: &Range<usize>) -> Option<usize> {
        let row = self.places[bytes.start].row?;
        Some(self.rows[row as usize].start as usize)
    }

    /// All places of the text where these bytes stand.
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

    /// Where the longest end of the text begins that belongs to bytes which a value may begin with.
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

    /// What the rest of a text begins with.
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

/// What is shown as digits in a row.
struct Digits;

impl Text for Digits {
    fn accepts(&self, found: &Match) -> bool {
        is_counted(found.window.owner.encoding, found.length)
    }
}

fn is_counted(encoding: Encoding, length: usize) -> bool {
    encoding == Encoding::Hex || length >= OTHERS
}
