//! Generates random values: passwords, words, keys and identifiers.
//!
//! Every choice comes from the operating system's generator, and every choice is equally likely: numbers that don't
//! divide evenly are drawn again instead of being folded.

mod alphabet;

pub use crate::random::{fill, unavailable};
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

/// The length of every UUID.
const UUID_BYTES: usize = 16;

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
    /// Words of the EFF's long list (7,776 words, except for the four with a hyphen), joined by `-`.
    Words,
    /// Bytes in lower-case hexadecimal, two digits each, as in `openssl rand -hex`.
    Hex,
    /// Bytes in standard base64 with padding (RFC 4648, section 4), as in `openssl rand -base64`.
    Base64,
    /// A random UUID (RFC 9562, version 4).
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
        if self == Self::Uuid && length.is_some() {
            return Err(Error::usage("a UUID always has the same length").hint("leave out the length"));
        }
        match length.unwrap_or(self.usual_length()) {
            length @ 1..=MAX_LENGTH => Ok(Recipe { material: self, length }),
            _ => Err(Error::usage(format!("the length must be from 1 to {MAX_LENGTH}"))
                .hint(format!("{USUAL_LENGTH} letters and digits are usual"))),
        }
    }

    fn usual_length(self) -> usize {
        match self {
            Self::Characters(_) => USUAL_LENGTH,
            Self::Words => USUAL_WORDS,
            Self::Hex | Self::Base64 => USUAL_BYTES,
            Self::Uuid => UUID_BYTES,
        }
    }
}

/// How a random value is generated: from what, and how long it is. [`Material::recipe`] makes it, so that no value is
/// empty, or larger than [`MAX_LENGTH`] allows:
///
/// ```compile_fail
/// use vault::generate::{Material, Recipe};
/// let empty = Recipe { material: Material::Words, length: 0 };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    material: Material,
    /// The number of characters, words or bytes.
    length: usize,
}

impl Default for Recipe {
    fn default() -> Self {
        let material = Material::default();
        Self { material, length: material.usual_length() }
    }
}

impl Recipe {
    /// Returns the entropy of the value for somebody who knows the recipe, in bits.
    #[must_use]
    pub fn entropy_bits(&self) -> f64 {
        let choices = match self.material {
            Material::Characters(alphabet) => alphabet.characters().len(),
            Material::Words => words().count(),
            Material::Hex | Material::Base64 => 256,
            // Of the 128 bits, six encode the version and the variant.
            Material::Uuid => return 122.0,
        };
        as_float(self.length) * libm::log2(as_float(choices))
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
        let Self { material, length } = *self;
        let value = match material {
            Material::Characters(alphabet) => characters(&alphabet.characters(), length)?,
            Material::Words => joined_words(length)?,
            Material::Hex => SecretBytes::from(hex(&random::bytes(length)?).as_str()),
            Material::Base64 => {
                SecretBytes::from(Zeroizing::new(BASE64_STANDARD.encode(&*random::bytes(length)?)).as_str())
            }
            Material::Uuid => uuid()?,
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
    let mut bytes = random::bytes(UUID_BYTES)?;
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
