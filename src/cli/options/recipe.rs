//! The options that say how a random value is made: of `generate`, and of `set` and `rotate` with `--generate`.

use vault::Result;
use vault::generate::{Alphabet, DEFAULT_LENGTH, Recipe};

/// What a random value is made of.
#[derive(Debug, Clone, clap::Args)]
#[group(multiple = false)]
pub struct RecipeArgs {
    /// Generate from these characters: alnum, ascii, letters, lower, upper, digits, readable (without 0O1Il) or url
    #[arg(long, value_name = "NAME")]
    alphabet: Option<Alphabet>,
    /// Generate words joined by hyphens
    #[arg(long)]
    words: bool,
    /// Generate bytes in hexadecimal, two digits each
    #[arg(long)]
    hex: bool,
    /// Generate bytes in base64
    #[arg(long)]
    base64: bool,
    /// Generate a random UUID
    #[arg(long)]
    uuid: bool,
}

/// 103 bits, and still short enough to be typed by hand.
const DEFAULT_WORDS: usize = 8;
/// 256 bits.
const DEFAULT_BYTES: usize = 32;

impl RecipeArgs {
    /// Checks that none of these options is given to a command that generates nothing.
    pub fn check(&self, generates: bool) -> Result<()> {
        let Self { alphabet, words, hex, base64, uuid } = self;
        if !generates && (alphabet.is_some() || *words || *hex || *base64 || *uuid) {
            return Err(vault::Error::usage("an option for generating needs --generate").hint("add --generate"));
        }
        Ok(())
    }

    /// Returns the recipe for this length, or for the usual one.
    pub fn recipe(&self, length: Option<usize>) -> Result<Recipe> {
        let bytes = length.unwrap_or(DEFAULT_BYTES);
        let recipe = match self {
            Self { words: true, .. } => Recipe::Words { count: length.unwrap_or(DEFAULT_WORDS) },
            Self { hex: true, .. } => Recipe::Hex { bytes },
            Self { base64: true, .. } => Recipe::Base64 { bytes },
            Self { uuid: true, .. } if length.is_some() => {
                return Err(vault::Error::usage("a UUID always has the same length").hint("leave out the length"));
            }
            Self { uuid: true, .. } => Recipe::Uuid,
            Self { alphabet, .. } => {
                Recipe::Alphabet { alphabet: alphabet.unwrap_or_default(), length: length.unwrap_or(DEFAULT_LENGTH) }
            }
        };
        recipe.checked()
    }
}

/// Says how hard a value of this recipe is to guess.
pub fn strength(recipe: &Recipe) -> String {
    // Roughly, a single machine can guess 65 bits in a year, and an agency 80 bits.
    const WEAK: f64 = 65.0;
    let bits = recipe.entropy_bits();
    let weak = if bits < WEAK { ", weak against somebody with unlimited guesses" } else { "" };
    format!("{:.0} bits of entropy{weak}.", bits.floor())
}
