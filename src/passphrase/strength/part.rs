//! The parts that a passphrase may consist of.

/// What a part of a passphrase consists of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::passphrase) enum Pattern {
    /// A common password with this rank, counted from 1.
    Password(usize),
    /// A dictionary word.
    Word,
    /// A first or last name.
    Name,
    /// A repeated unit of this many characters.
    Repeat(usize),
    /// A sequence such as `abcd` or `9876`.
    Sequence,
    /// Adjacent keys of a keyboard row.
    Row,
    /// A date.
    Date,
    /// A year.
    Year,
    /// No known pattern.
    Characters,
}

/// A part of the passphrase: where it starts and ends, its guesses, and its pattern.
#[derive(Clone, Copy)]
pub struct Part {
    pub start: usize,
    pub end: usize,
    pub guesses: f64,
    pub pattern: Pattern,
    pub is_plain: bool,
}

/// Converts a length to an exponent; no length is over 100.
pub fn count(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}
