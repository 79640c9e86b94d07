//! The characters that values are drawn from.

use crate::error::{Error, Result};
use std::str::FromStr;

/// A set of characters to draw from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alphabet {
    /// `A-Z`, `a-z`, `0-9`: never needs quoting.
    #[default]
    Alnum,
    /// The 94 printable ASCII characters except the space.
    Ascii,
    /// `A-Z` and `a-z`.
    Letters,
    /// `a-z`.
    Lower,
    /// `A-Z`.
    Upper,
    /// `0-9`.
    Digits,
    /// Letters and digits that are easy to tell apart in print: without `0O1Il`.
    Readable,
    /// `A-Z`, `a-z`, `0-9`, `-`, `_`: needs no escaping in a URL.
    Url,
}

impl Alphabet {
    /// All alphabets, with their names.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("alnum", Self::Alnum),
        ("ascii", Self::Ascii),
        ("letters", Self::Letters),
        ("lower", Self::Lower),
        ("upper", Self::Upper),
        ("digits", Self::Digits),
        ("readable", Self::Readable),
        ("url", Self::Url),
    ];

    /// Returns the characters of the alphabet, each once, all ASCII.
    #[must_use]
    pub(crate) fn characters(self) -> Vec<u8> {
        (b'!'..=b'~').filter(|byte| self.contains(*byte)).collect()
    }

    fn contains(self, byte: u8) -> bool {
        match self {
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Ascii => byte.is_ascii_graphic(),
            Self::Letters => byte.is_ascii_alphabetic(),
            Self::Lower => byte.is_ascii_lowercase(),
            Self::Upper => byte.is_ascii_uppercase(),
            Self::Digits => byte.is_ascii_digit(),
            Self::Readable => byte.is_ascii_alphanumeric() && !b"0O1Il".contains(&byte),
            Self::Url => byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
        }
    }
}

impl FromStr for Alphabet {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        crate::name::one_of(text, "alphabet", &Self::NAMES, |(name, _)| name).map(|(_, alphabet)| alphabet)
    }
}
