//! `vault git`: what makes git itself understand the file.

mod attributes;
mod setup;
mod textconv;

use crate::cli::unlocking::context::Context;
use attributes::Attributes;
use std::path::Path;
use std::process::ExitCode;
use vault::Result;
use vault::git::{Git, work_trees_above};

/// What git does with the file: merges it by item and shows it by item, once this clone is told to.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Have git merge the file by item and show it by item
    Setup(setup::Args),
    /// Print the file as text for git's diffs
    ///
    /// git calls this (diff.vault.textconv). It prints a line for each user, environment and item, with a keyed fingerprint
    /// of each value; without a key at hand, or of a file that can't be read, the outline. It asks nothing and never fails.
    #[command(hide = true)]
    Textconv(textconv::Args),
}

pub fn run(command: &Command, context: &Context) -> Result<ExitCode> {
    match command {
        Command::Setup(args) => setup::run(args, context),
        Command::Textconv(args) => textconv::run(args, context),
    }
}

/// How far git in the clone around a vault is set up for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setup {
    /// It is in no clone, or everything is there.
    Done,
    /// .gitattributes doesn't name the drivers.
    None,
    /// .gitattributes names them, and this clone doesn't know what they are.
    OnlyAttributes,
}

/// git is asked only where .gitattributes names the drivers.
fn setup_around(vault: &Path) -> Setup {
    let Some(top) = vault.parent().and_then(|directory| work_trees_above(directory).next()) else { return Setup::Done };
    let directories = vault.ancestors().skip(1).take_while(|directory| directory.starts_with(top));
    let mut attributes = directories.filter_map(|directory| Attributes::read(directory).ok());
    match attributes.any(|attributes| attributes.names_driver()) {
        false => Setup::None,
        true if Git::at(top).has_setting(setup::DRIVER) => Setup::Done,
        true => Setup::OnlyAttributes,
    }
}

/// What `status` says of git, if there is something to say.
pub fn status_hint(vault: &Path) -> Option<&'static str> {
    match setup_around(vault) {
        Setup::OnlyAttributes => Some("this clone can't merge or show the vault by item yet: vault git setup"),
        Setup::Done | Setup::None => None,
    }
}

/// What `init` says of git, if there is something to say.
pub fn init_hint(vault: &Path) -> Option<&'static str> {
    match setup_around(vault) {
        Setup::Done => None,
        Setup::None | Setup::OnlyAttributes => Some("for merges and git diff by item: vault git setup"),
    }
}
