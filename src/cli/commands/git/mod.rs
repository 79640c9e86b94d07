//! `vault git`: makes git understand the file.

mod setup;
mod textconv;

use crate::cli::generated::examples;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;

/// What git does with the file: merges it by item and shows it by item, once this clone is told to.
#[derive(Debug, clap::Subcommand)]
#[command(after_long_help = examples! {
    "vault git setup" => "Let git merge and show the file by item",
    "git diff secrets.vault" => "See changes by item from then on",
})]
pub enum Command {
    /// Have git merge the file by item and show it by item
    ///
    /// Adds a line to .gitattributes, which you commit, and configures git in this clone. From then on vault merges the
    /// file by item, and shows it by item in git diff, log -p, show and blame. Everybody runs this once in each clone.
    #[command(after_long_help = examples! {
        "vault git setup" => "Configure this clone",
        "vault git setup --remove" => "Undo that",
    })]
    Setup(setup::Args),
    /// Print the file as text for git's diffs
    ///
    /// git calls this (diff.vault.textconv). It prints a line for each user, environment and item, with a keyed
    /// fingerprint of each value. Without a key, or if the file can't be read, it prints the outline. It never prompts
    /// and never fails.
    #[command(hide = true)]
    Textconv(textconv::Args),
}

pub fn run(command: &Command, context: &Context) -> Result<ExitCode> {
    match command {
        Command::Setup(args) => setup::run(args, context),
        Command::Textconv(args) => textconv::run(args, context),
    }
}
