//! `vault git setup`: adds to .gitattributes, which everybody shares, and to this clone's own configuration, which git
//! never shares.

use crate::cli::showing::words::shown_path;
use crate::cli::unlocking::context::{Context, current_directory};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::drivers::attributes::{Attributes, line};
use vault::drivers::{Found, Overruled, SETTINGS, converted, overruled};
use vault::error::Kind;
use vault::git::Git;
use vault::vault::DEFAULT_NAME;
use vault::{Error, Result, drivers};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Undo it: remove that line and these settings, and nothing else
    #[arg(long)]
    remove: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let place = Place::find(context)?;
    if args.remove {
        place.remove(context)?;
    } else {
        place.set_up(context)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The working tree, and the vault in it.
struct Place {
    git: Git,
    top: PathBuf,
    /// The vault's path relative to the top of the working tree.
    vault: PathBuf,
    line: String,
}

impl Place {
    /// Finds the working tree of the vault. If there is no vault yet, this is the one that contains the current
    /// directory.
    fn find(context: &Context) -> Result<Self> {
        let path = match context.path() {
            Err(error) if error.kind() == Kind::NotFound => current_directory()?.join(DEFAULT_NAME),
            path => path?,
        };
        let cannot = |error: std::io::Error| Error::io("find", &path, &error);
        let path = std::path::absolute(&path).map_err(cannot)?;
        let directory = path.parent().unwrap_or(Path::new("/"));
        let directory = std::fs::canonicalize(directory).map_err(|error| Error::io("find", directory, &error))?;
        let git = Git::at(&directory);
        if git.is_bare()? {
            return Err(Error::usage(format!("{} is a bare repository, without files to merge", directory.display()))
                .hint("run this in a clone with a work tree"));
        }
        let top = git.top()?;
        let vault = directory.strip_prefix(&top).unwrap_or(Path::new("")).join(path.file_name().unwrap_or_default());
        let line = line(&vault)?;
        Ok(Self { git: Git::at(&top), top, vault, line })
    }

    fn set_up(&self, context: &Context) -> Result<()> {
        let attributes = Attributes::read(&self.top)?;
        let file = self.top.join(".gitattributes");
        let file = shown_path(&file);
        let has_line = attributes.has(&self.line);
        if !has_line {
            attributes.add(&self.line)?;
            context.ui.done(&format!("Added to {file}: {}", self.line));
        }
        let mut made = Vec::new();
        for (key, value) in SETTINGS {
            if self.git.setting_of_clone(key).as_deref() != Some(value) {
                self.git.set_in_clone(key, value)?;
                made.push(key);
            }
        }
        match (&made[..], has_line) {
            ([], true) => {
                context.ui.done(&format!("Nothing changed: {file} already has the line, and this clone is set up."));
            }
            ([], false) => context.ui.done("This clone's configuration is already set up."),
            (made, _) => context.ui.done(&format!("Set in this clone's configuration: {}.", made.join(", "))),
        }
        self.check_attributes(context)?;
        check_program(context);
        if !has_line {
            context.ui.hint("commit .gitattributes; in every other clone, run this once: vault git setup");
        }
        Ok(())
    }

    /// Warns if another attribute line overrides vault's line.
    fn check_attributes(&self, context: &Context) -> Result<()> {
        let wrong = overruled(&self.git, &self.vault)?.into_iter().chain(converted(&self.git, &self.vault)?);
        for Overruled { path, name, expected, found } in wrong {
            let path = path.display();
            context.ui.warn(&format!(
                "another attribute line overrides vault's for {path}: git has {name} {found}, not {expected}"
            ));
            context.ui.hint("look in .gitattributes files further down the tree, and in .git/info/attributes");
        }
        Ok(())
    }

    fn remove(&self, context: &Context) -> Result<()> {
        let attributes = Attributes::read(&self.top)?;
        let file = self.top.join(".gitattributes");
        let file = shown_path(&file);
        if attributes.has(&self.line) {
            attributes.remove(&self.line)?;
            context.ui.done(&format!("Removed from {file}: {}", self.line));
        } else {
            context.ui.done(&format!("{file} doesn't have the line: {}", self.line));
        }
        let mut removed = Vec::new();
        for (key, value) in SETTINGS {
            match self.git.setting_of_clone(key) {
                Some(own) if own == value => {
                    self.git.unset_in_clone(key)?;
                    removed.push(key);
                }
                Some(_) => context.ui.warn(&format!("{key} was changed, so it is kept")),
                None => {}
            }
        }
        match &removed[..] {
            [] => context.ui.done("This clone's configuration has no settings for vault."),
            removed => context.ui.done(&format!("Removed from this clone's configuration: {}.", removed.join(", "))),
        }
        Ok(())
    }
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
