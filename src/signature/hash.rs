//! SHA-256 hashes and hexadecimal digits.

use crate::error::{Error, Result};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;
use vault_quick::encodings::{SMALL_DIGITS, hex_digits};

/// A SHA-256 hash, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// 32 zero bytes: the vault id and the previous hash in the message of the first roster change.
    pub const ZERO: Self = Self([0; 32]);

    /// Hashes `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Returns the hash with these 32 raw bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the first 8 digits, to be shown to people.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        from_hex(text).map(Self).ok_or_else(|| Error::integrity("a hash is not 64 lower-case hexadecimal digits"))
    }
}

impl serde::Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Writes bytes as lower-case hexadecimal digits. Formatting each byte with `{:02x}` would take as long as hashing them.
///
/// # Errors
/// If `f` fails.
pub fn write_hex(bytes: &[u8], f: &mut impl fmt::Write) -> fmt::Result {
    let digits = bytes.iter().flat_map(|byte| hex_digits(*byte, SMALL_DIGITS));
    digits.map(char::from).try_for_each(|digit| f.write_char(digit))
}

/// Parses exactly `N` bytes from `2 * N` lower-case hexadecimal digits.
#[must_use]
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    read_hex(text, &mut bytes).map(|()| bytes)
}

/// Parses hexadecimal digits like [`from_hex`], but into existing memory, without a copy.
pub fn read_hex(text: &str, bytes: &mut [u8]) -> Option<()> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_must_be_lower_case_and_of_the_exact_length() {
        assert_eq!(from_hex::<2>("0aff"), Some([10, 255]));
        for text in ["0AFF", "0af", "0aff0", "0ag0", "é0f"] {
            assert_eq!(from_hex::<2>(text), None, "{text}");
        }
    }
}
