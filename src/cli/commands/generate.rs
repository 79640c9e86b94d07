//! `vault generate`: prints a random value.

use crate::cli::generated::examples;
use crate::cli::options::recipe::{RecipeArgs, strength};
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::view::{Generated, text_of};

/// Uses the operating system's randomness; every choice is equally likely. No vault is needed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault generate 32" => "Print 32 random characters",
    "vault generate --words" => "Print a passphrase of words",
})]
pub struct Args {
    /// How many characters, words or bytes (default 32 characters, 8 words or 32 bytes)
    length: Option<usize>,
    #[command(flatten)]
    recipe: RecipeArgs,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let recipe = args.recipe.recipe(args.length)?;
    let value = recipe.generate()?;
    if context.ui.json {
        let (text, _) = text_of(&value);
        context.ui.json_with_secrets(&Generated { value: text, entropy_bits: recipe.entropy_bits().floor() as u64 })?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut line = zeroize::Zeroizing::new(Vec::with_capacity(value.len() + 1));
    line.extend_from_slice(&value);
    line.push(b'\n');
    context.ui.bytes(&line)?;
    context.ui.done(&strength(&recipe));
    Ok(ExitCode::SUCCESS)
}
