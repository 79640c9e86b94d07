//! The forms in which a value may be written, and the encodings that decoding a text does not undo: base64, base32 and
//! hexadecimal digits.
//!
//! In base64 and base32, the first and last characters depend on the bytes around the value, so they are cut off.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use vault_values::secret::SecretBytes;
use zeroize::Zeroizing;

/// The length of the shortest values that are searched for, in bytes: shorter ones are found everywhere.
pub const SHORTEST: usize = 4;

/// The form in which a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// Unchanged, possibly with quotes or line breaks in it.
    Plain,
    /// One of several lines.
    Line,
    /// A field of a JSON or YAML value.
    Part,
    /// Inside base64 (RFC 4648), with the standard or the URL alphabet, at any of its three alignments.
    Base64,
    /// Inside base32 (RFC 4648), in upper or lower case, at any of its five alignments.
    Base32,
    /// Hexadecimal digits, all in lower or all in upper case.
    Hex,
    /// Percent-encoded, as in a URL or a form.
    Url,
    /// With character references of HTML or XML.
    Html,
    /// With backslash escapes, as in JSON, a shell or a programming language.
    Escaped,
}

impl Encoding {
    /// Returns the name of the form, for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Line => "line",
            Self::Part => "part",
            Self::Base64 => "base64",
            Self::Base32 => "base32",
            Self::Hex => "hex",
            Self::Url => "url",
            Self::Html => "html",
            Self::Escaped => "escaped",
        }
    }
}

/// Returns the base64 digits that depend only on the value, at each alignment and in both alphabets, with the number of
/// digits before the first whole group of four.
///
/// Three bytes are four digits. The digits at the edges of the value also encode bytes before or after it, so they are
/// cut off.
pub(crate) fn base64(value: &[u8]) -> Vec<(SecretBytes, usize)> {
    let mut all = Vec::new();
    let mut padded = Zeroizing::new(Vec::with_capacity(value.len() + 2));
    padded.extend_from_slice(&[0, 0]);
    padded.extend_from_slice(value);
    for (before, cut) in [(0, 0), (1, 2), (2, 3)] {
        let bytes = &padded[2 - before..];
        for engine in [&BASE64_STANDARD_NO_PAD, &BASE64_URL_SAFE_NO_PAD] {
            let digits = Zeroizing::new(engine.encode(bytes));
            let whole = if bytes.len().is_multiple_of(3) { digits.len() } else { digits.len() - 1 };
            if whole <= cut {
                continue;
            }
            let digits = SecretBytes::new(digits.as_bytes()[cut..whole].to_vec());
            if all.iter().all(|(known, _)| *known != digits) {
                all.push((digits, (4 - cut) % 4));
            }
        }
    }
    all
}

/// Returns the base32 digits that depend only on the value, at each alignment, in upper and lower case, with the number
/// of digits before the first whole group of eight.
///
/// Five bytes are eight digits. A digit that also encodes bits of another byte is cut off.
pub(crate) fn base32(value: &[u8]) -> Vec<(SecretBytes, usize)> {
    // Returns five bits from this position on; they are in at most two bytes.
    let five = |bit: usize| {
        let word = u16::from_be_bytes([value[bit / 8], value.get(bit / 8 + 1).copied().unwrap_or_default()]);
        usize::from(word >> (11 - bit % 8) & 31)
    };
    let mut all = Vec::new();
    for before in 0..5_usize {
        let first = (8 * before).div_ceil(5);
        let end = 8 * (before + value.len()) / 5;
        for alphabet in [b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"abcdefghijklmnopqrstuvwxyz234567"] {
            let digits = (first..end.max(first)).map(|digit| alphabet[five(5 * digit - 8 * before)]).collect();
            all.push((SecretBytes::new(digits), first.next_multiple_of(8) - first));
        }
    }
    all
}

/// The hexadecimal digits in lower case.
pub const SMALL_DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Returns a byte as two of these hexadecimal digits.
#[must_use]
pub fn hex_digits(byte: u8, digits: &[u8; 16]) -> [u8; 2] {
    [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]
}

/// Returns the value in hexadecimal digits, in lower and in upper case.
pub(crate) fn hex(value: &[u8]) -> Vec<SecretBytes> {
    let with = |digits: &[u8; 16]| {
        let mut text = Vec::with_capacity(2 * value.len());
        text.extend(value.iter().flat_map(|byte| hex_digits(*byte, digits)));
        SecretBytes::new(text)
    };
    let (small, large) = (with(SMALL_DIGITS), with(b"0123456789ABCDEF"));
    if small == large { vec![small] } else { vec![small, large] }
}
