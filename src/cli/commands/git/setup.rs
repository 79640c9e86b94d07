//! `vault git setup`: adds to .gitattributes, which everybody shares, and to this clone's own configuration, which git
//! never shares.

use crate::cli::showing::words::shown_path;
use crate::cli::unlocking::context::{Context, current_directory};
use std::process::ExitCode;
use vault::Result;
use vault::drivers::{self, Added, Found, Overruled, Removed, WorkTree};
use vault::error::Kind;
use vault::vault::DEFAULT_NAME;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Undo it: remove that line and these settings, and nothing else
    #[arg(long)]
    remove: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    // If there is no vault yet, one in the current directory is meant.
    let vault = match context.path() {
        Err(error) if error.kind() == Kind::NotFound => current_directory()?.join(DEFAULT_NAME),
        path => path?,
    };
    let tree = WorkTree::around(&vault)?;
    if args.remove {
        remove(&tree, context)?;
    } else {
        set_up(&tree, context)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn set_up(tree: &WorkTree, context: &Context) -> Result<()> {
    let file = shown_path(&tree.attributes());
    let Added { line, settings } = tree.set_up()?;
    if line {
        context.ui.done(&format!("Added to {file}: {}", tree.line()));
    }
    match (&settings[..], line) {
        ([], false) => {
            context.ui.done(&format!("Nothing changed: {file} already has the line, and this clone is set up."));
        }
        ([], true) => context.ui.done("This clone's configuration is already set up."),
        (settings, _) => context.ui.done(&format!("Set in this clone's configuration: {}.", settings.join(", "))),
    }
    for Overruled { path, name, expected, found } in tree.overruled()? {
        let path = path.display();
        context.ui.warn(&format!(
            "another attribute line overrides vault's for {path}: git has {name} {found}, not {expected}"
        ));
        context.ui.hint("look in .gitattributes files further down the tree, and in .git/info/attributes");
    }
    check_program(context);
    if line {
        context.ui.hint("commit .gitattributes; in every other clone, run this once: vault git setup");
    }
    Ok(())
}

fn remove(tree: &WorkTree, context: &Context) -> Result<()> {
    let file = shown_path(&tree.attributes());
    let Removed { line, settings, kept } = tree.undo()?;
    match line {
        true => context.ui.done(&format!("Removed from {file}: {}", tree.line())),
        false => context.ui.done(&format!("{file} doesn't have the line: {}", tree.line())),
    }
    for key in kept {
        context.ui.warn(&format!("{key} was changed, so it is kept"));
    }
    match &settings[..] {
        [] => context.ui.done("This clone's configuration has no settings for vault."),
        settings => context.ui.done(&format!("Removed from this clone's configuration: {}.", settings.join(", "))),
    }
    Ok(())
}

/// Warns if git will find no program called vault, or another one.
fn check_program(context: &Context) {
    match drivers::found() {
        Found::Own => {}
        Found::Other(found) => {
            context.ui.warn(&format!("git would start {}, which is not this program", found.display()));
            context.ui.hint("put this program's directory first in PATH");
        }
        Found::Nothing => {
            context.ui.warn("git starts vault by name, but vault is not in PATH");
            context.ui.hint("put it into a directory in PATH, for example ~/.local/bin");
        }
    }
}
