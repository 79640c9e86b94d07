//! The options that say how a random value is made: of `generate`, and of `set` and `rotate` with `--generate`.

use vault::Result;
use vault::generate::{Alphabet, Material, Recipe};

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
        let material = match self {
            Self { words: true, .. } => Material::Words,
            Self { hex: true, .. } => Material::Hex,
            Self { base64: true, .. } => Material::Base64,
            Self { uuid: true, .. } => Material::Uuid,
            Self { alphabet, .. } => Material::Characters(alphabet.unwrap_or_default()),
        };
        material.recipe(length)
    }
}

/// Says how hard a value of this recipe is to guess.
pub fn strength(recipe: &Recipe) -> String {
    let weak = if recipe.is_weak() { ", weak against somebody with unlimited guesses" } else { "" };
    format!("{:.0} bits of entropy{weak}.", recipe.entropy_bits().floor())
}
