//! The ways a value may be written, and the encodings that decoding a text does not undo: base64, base32 and
//! hexadecimal digits.
//!
//! In base64 and base32 the first and last characters depend on the bytes around the value, so they are cut off.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use vault_values::secret::SecretBytes;
use zeroize::Zeroizing;

/// Values shorter than this many bytes are not looked for: they stand everywhere.
pub const SHORTEST: usize = 4;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// As it is, perhaps between quotes or broken into lines.
    Plain,
    /// One line of several.
    Line,
    /// A field of a JSON or YAML value.
    Part,
    /// Inside base64 (RFC 4648), standard or for URLs, at any of its three alignments.
    Base64,
    /// Inside base32 (RFC 4648), in capitals or small letters, at any of its five alignments.
    Base32,
    /// Hexadecimal digits, all small or all large.
    Hex,
    /// Percent-encoded, as a part of a URL or of a form.
    Url,
    /// With the character references of HTML and XML.
    Html,
    /// With the backslashes of JSON, a shell or a programming language.
    Escaped,
}

impl Encoding {
    /// Its name, for people.
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

/// The digits of base64 that are the value's alone, at each of its alignments and in both alphabets, and how many of
/// them stand before the first whole group of four.
///
/// Three bytes are four digits. With other bytes before or behind the value, the digits at its edges change: they are cut.
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

/// The digits of base32 that are the value's alone, at each of its alignments, capitals and small letters, and how many of
/// them stand before the first whole group of eight.
///
/// Five bytes are eight digits. A digit that holds bits of another byte as well is cut.
pub(crate) fn base32(value: &[u8]) -> Vec<(SecretBytes, usize)> {
    // The five bits from there on, which lie in two bytes at most.
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

/// The value as hexadecimal digits, small ones and large ones.
pub(crate) fn hex(value: &[u8]) -> Vec<SecretBytes> {
    let with = |digits: &[u8; 16]| {
        let mut text = Vec::with_capacity(2 * value.len());
        for byte in value {
            text.extend([digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
        SecretBytes::new(text)
    };
    let (small, large) = (with(b"0123456789abcdef"), with(b"0123456789ABCDEF"));
    if small == large { vec![small] } else { vec![small, large] }
}
