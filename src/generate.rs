//! Generates random values: passwords, words, keys and identifiers.
//!
//! Every choice comes from the operating system's generator, and every choice is equally likely: numbers that don't
//! divide evenly are drawn again instead of being folded.

mod alphabet;

pub use alphabet::Alphabet;

use crate::error::{Error, Result};
use crate::packed;
use crate::random;
use crate::secret::SecretBytes;
use crate::signature::write_hex;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::sync::LazyLock;
use zeroize::Zeroizing;

/// The longest value that is generated, in characters, words or bytes.
pub const MAX_LENGTH: usize = 65_536;

/// The default length, in characters: 190 bits with [`Alphabet::Alnum`].
pub const DEFAULT_LENGTH: usize = 32;

/// The word list, one word per line.
static WORD_LIST: LazyLock<String> = LazyLock::new(|| packed::WORDS.text());

/// The longest word of the EFF's long list, in bytes.
const LONGEST_WORD: usize = 9;

/// How a random value is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipe {
    /// Characters of an alphabet.
    Alphabet {
        /// The alphabet to draw from.
        alphabet: Alphabet,
        /// The number of characters.
        length: usize,
    },
    /// Words of the EFF's long list (7,776 words, except for the four with a hyphen), joined by `-`.
    Words {
        /// The number of words.
        count: usize,
    },
    /// Bytes in lower-case hexadecimal, two digits each.
    Hex {
        /// The number of bytes, as in `openssl rand -hex`.
        bytes: usize,
    },
    /// Bytes in standard base64 with padding (RFC 4648, section 4).
    Base64 {
        /// The number of bytes, as in `openssl rand -base64`.
        bytes: usize,
    },
    /// A random UUID (RFC 9562, version 4).
    Uuid,
}

impl Default for Recipe {
    fn default() -> Self {
        Self::Alphabet { alphabet: Alphabet::default(), length: DEFAULT_LENGTH }
    }
}

impl Recipe {
    /// A recipe for `length` letters and digits.
    ///
    /// # Errors
    /// A usage error if the length is 0 or over [`MAX_LENGTH`].
    pub fn with_length(length: usize) -> Result<Self> {
        Self::Alphabet { alphabet: Alphabet::default(), length }.checked()
    }

    /// Returns the recipe itself, if its length is allowed.
    ///
    /// # Errors
    /// A usage error if the length is 0 or over [`MAX_LENGTH`].
    pub fn checked(self) -> Result<Self> {
        match self.length() {
            1..=MAX_LENGTH => Ok(self),
            _ => Err(Error::usage(format!("the length must be from 1 to {MAX_LENGTH}"))
                .hint(format!("{DEFAULT_LENGTH} letters and digits are usual"))),
        }
    }

    /// Returns the number of independent choices, in the recipe's own unit.
    fn length(self) -> usize {
        match self {
            Self::Alphabet { length, .. } => length,
            Self::Words { count } => count,
            Self::Hex { bytes } | Self::Base64 { bytes } => bytes,
            Self::Uuid => 16,
        }
    }

    /// Returns the entropy of the value for somebody who knows the recipe, in bits.
    #[must_use]
    pub fn entropy_bits(&self) -> f64 {
        let choices = match self {
            Self::Alphabet { alphabet, .. } => alphabet.characters().len(),
            Self::Words { .. } => words().count(),
            Self::Hex { .. } | Self::Base64 { .. } => 256,
            // Of the 128 bits, six encode the version and the variant.
            Self::Uuid => return 122.0,
        };
        as_float(self.length()) * libm::log2(as_float(choices))
    }

    /// Generates a value: ASCII text.
    ///
    /// # Errors
    /// If the operating system provides no randomness.
    pub fn generate(&self) -> Result<SecretBytes> {
        let value = match *self {
            Self::Alphabet { alphabet, length } => characters(&alphabet.characters(), length)?,
            Self::Words { count } => joined_words(count)?,
            Self::Hex { bytes } => SecretBytes::from(hex(&random::bytes(bytes)?).as_str()),
            Self::Base64 { bytes } => {
                SecretBytes::from(Zeroizing::new(BASE64_STANDARD.encode(&*random::bytes(bytes)?)).as_str())
            }
            Self::Uuid => uuid()?,
        };
        Ok(value)
    }
}

/// Exact for every length and alphabet in this module.
#[allow(clippy::cast_precision_loss)]
fn as_float(number: usize) -> f64 {
    number as f64
}

fn characters(alphabet: &[u8], length: usize) -> Result<SecretBytes> {
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    for _ in 0..length {
        text.push(*drawn(alphabet)?);
    }
    Ok(SecretBytes::new(std::mem::take(&mut *text)))
}

/// Returns one of the choices, all equally likely.
fn drawn<T>(choices: &[T]) -> Result<&T> {
    let count = u32::try_from(choices.len()).map_err(|_| Error::failed("too many choices"))?;
    let position = usize::try_from(random::below(count)?).unwrap_or_default();
    Ok(&choices[position])
}

/// Returns the EFF's long list without words such as `drop-down`, which would look like two words in a joined phrase.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    WORD_LIST.lines().filter(|line| !line.starts_with('#') && !line.contains('-'))
}

fn joined_words(count: usize) -> Result<SecretBytes> {
    let list: Vec<&str> = words().collect();
    // Allocated at full size, because a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(count * (LONGEST_WORD + 1)));
    for position in 0..count {
        if position > 0 {
            text.push(b'-');
        }
        text.extend_from_slice(drawn(&list)?.as_bytes());
    }
    Ok(SecretBytes::new(std::mem::take(&mut *text)))
}

fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    // Writing to a string can't fail.
    let _ = write_hex(bytes, &mut *text);
    text
}

fn uuid() -> Result<SecretBytes> {
    let mut bytes = random::bytes(16)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    let groups = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    let mut text = Vec::with_capacity(36);
    for (position, group) in groups.iter().enumerate() {
        if position > 0 {
            text.push(b'-');
        }
        text.extend_from_slice(group.as_bytes());
    }
    Ok(SecretBytes::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn text(recipe: Recipe) -> String {
        recipe.generate().unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn the_default_is_32_letters_and_digits_of_190_bits() {
        let value = text(Recipe::default());
        assert_eq!(value.len(), 32);
        assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(Recipe::default().entropy_bits().floor(), 190.0);
        assert_ne!(value, text(Recipe::default()));
    }

    #[test]
    fn every_character_of_an_alphabet_occurs_and_no_other() {
        for (name, alphabet) in Alphabet::NAMES {
            assert_eq!(name.parse::<Alphabet>().unwrap(), alphabet);
            let drawn: BTreeSet<u8> = text(Recipe::Alphabet { alphabet, length: 10_000 }).bytes().collect();
            let expected: BTreeSet<u8> = alphabet.characters().into_iter().collect();
            assert_eq!(drawn, expected, "{name}");
        }
        let sizes = Alphabet::NAMES.map(|(_, alphabet)| alphabet.characters().len());
        assert_eq!(sizes, [62, 94, 52, 26, 26, 10, 57, 64]);
    }

    #[test]
    fn all_characters_are_equally_likely() {
        // 62 does not divide 256: folding bytes would make the first eight characters a quarter more likely than the
        // others.
        let length = 62_000;
        let mut counts = [0u32; 128];
        for byte in text(Recipe::Alphabet { alphabet: Alphabet::Alnum, length }).bytes() {
            counts[usize::from(byte)] += 1;
        }
        // 1,000 are expected, with a standard deviation of 31.4; 200 is more than six of these.
        for byte in Alphabet::Alnum.characters() {
            assert!(counts[usize::from(byte)].abs_diff(1_000) < 200, "{}", char::from(byte));
        }
    }

    #[test]
    fn words_are_joined_by_hyphens_and_contain_none() {
        assert_eq!(words().count(), 7_772);
        assert_eq!(words().map(str::len).max(), Some(LONGEST_WORD));
        let known: BTreeSet<&str> = words().collect();
        let phrase = text(Recipe::Words { count: 500 });
        assert_eq!(phrase.split('-').count(), 500);
        assert!(phrase.split('-').all(|word| known.contains(word)));
        assert_eq!(Recipe::Words { count: 6 }.entropy_bits().floor(), 77.0);
    }

    #[test]
    fn hex_and_base64_count_bytes() {
        let value = text(Recipe::Hex { bytes: 32 });
        assert_eq!(value.len(), 64);
        assert!(value.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
        assert_eq!(Recipe::Hex { bytes: 32 }.entropy_bits(), 256.0);
        assert_eq!(BASE64_STANDARD.decode(text(Recipe::Base64 { bytes: 33 })).unwrap().len(), 33);
        assert_eq!(Recipe::Base64 { bytes: 32 }.entropy_bits(), 256.0);
    }

    #[test]
    fn a_uuid_has_version_4_and_the_right_variant() {
        for _ in 0..64 {
            let value = text(Recipe::Uuid);
            let groups: Vec<usize> = value.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12]);
            assert_eq!(value.as_bytes()[14], b'4');
            assert!(b"89ab".contains(&value.as_bytes()[19]));
        }
        assert_eq!(Recipe::Uuid.entropy_bits(), 122.0);
    }

    #[test]
    fn lengths_of_zero_and_beyond_the_limit_are_refused() {
        assert!(Recipe::with_length(0).is_err());
        assert!(Recipe::with_length(MAX_LENGTH + 1).is_err());
        assert!(Recipe::Words { count: 0 }.checked().is_err());
        assert_eq!(Recipe::with_length(MAX_LENGTH).unwrap().generate().unwrap().len(), MAX_LENGTH);
        assert!("klingon".parse::<Alphabet>().is_err());
    }
}
