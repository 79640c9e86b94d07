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

/// The usual length, in characters: 190 bits with [`Alphabet::Alnum`].
const USUAL_LENGTH: usize = 32;

/// The usual number of words: 103 bits, and still short enough to be typed by hand.
const USUAL_WORDS: usize = 8;

/// The usual number of bytes: 256 bits.
const USUAL_BYTES: usize = 32;

/// Below this entropy, in bits, a value is weak. Roughly, a single machine can guess 65 bits in a year, and an agency 80.
const WEAK: f64 = 65.0;

/// The word list, one word per line.
static WORD_LIST: LazyLock<String> = LazyLock::new(|| packed::WORDS.text());

/// The longest word of the EFF's long list, in bytes.
const LONGEST_WORD: usize = 9;

/// What a random value is made of, whatever its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Material {
    /// Characters of this alphabet.
    Characters(Alphabet),
    /// Words.
    Words,
    /// Bytes in hexadecimal.
    Hex,
    /// Bytes in base64.
    Base64,
    /// A UUID.
    Uuid,
}

impl Default for Material {
    fn default() -> Self {
        Self::Characters(Alphabet::default())
    }
}

impl Material {
    /// Returns the recipe for this length, in characters, words or bytes, or for the usual one.
    ///
    /// # Errors
    /// A usage error if the length is 0 or over [`MAX_LENGTH`], or is given for a UUID.
    pub fn recipe(self, length: Option<usize>) -> Result<Recipe> {
        let or = |usual| length.unwrap_or(usual);
        let recipe = match self {
            Self::Characters(alphabet) => Recipe::Alphabet { alphabet, length: or(USUAL_LENGTH) },
            Self::Words => Recipe::Words { count: or(USUAL_WORDS) },
            Self::Hex => Recipe::Hex { bytes: or(USUAL_BYTES) },
            Self::Base64 => Recipe::Base64 { bytes: or(USUAL_BYTES) },
            Self::Uuid if length.is_some() => {
                return Err(Error::usage("a UUID always has the same length").hint("leave out the length"));
            }
            Self::Uuid => Recipe::Uuid,
        };
        recipe.checked()
    }
}

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
        Self::Alphabet { alphabet: Alphabet::default(), length: USUAL_LENGTH }
    }
}

impl Recipe {
    /// Returns the recipe itself, if its length is allowed.
    fn checked(self) -> Result<Self> {
        match self.length() {
            1..=MAX_LENGTH => Ok(self),
            _ => Err(Error::usage(format!("the length must be from 1 to {MAX_LENGTH}"))
                .hint(format!("{USUAL_LENGTH} letters and digits are usual"))),
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

    /// Returns whether somebody with unlimited guesses may find the value.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.entropy_bits() < WEAK
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
mod tests;
