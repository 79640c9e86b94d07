//! `vault env`: the environments.

mod copy;
mod diff;
mod list;

use super::rm::confirm;
use crate::cli::unlocking::context::Context;
use copy::CopyArgs;
use diff::DiffArgs;
use std::process::ExitCode;
use vault::actions::env_add;
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, UserName};
use vault::roster::{Change, Protection};
use vault::vault::Purpose;
use vault::words::plural;
use vault::{Error, Result};

/// Environments: each is encrypted to its own readers.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List environments; nothing is unlocked for it
    #[command(visible_alias = "ls")]
    List(list::Args),
    /// Add an empty environment
    ///
    /// All admins read and write it, unless it is --private: such a one any user may add, and only they read it.
    #[command(aliases = ["create", "new"])]
    Add(AddArgs),
    /// Remove an environment and everything in it
    #[command(aliases = ["remove", "delete"])]
    Rm(RemoveArgs),
    /// Ask before values of an environment are handed out or changed
    ///
    /// On a terminal every command that hands out or changes its values asks, once in 15 minutes on this device; without one
    /// it wants --reason. Everybody's commands do so from then on. It keeps people from mistakes and takes no right from
    /// anybody. Only admins change it.
    Protect(ProtectArgs),
    /// End what env protect began
    ///
    /// It asks first; without a terminal it wants --reason. Only admins change it.
    Unprotect(ProtectArgs),
    /// Copy the items of one environment to another
    ///
    /// Values that differ there stay, unless --force is given. A new environment is read and written by all admins.
    #[command(visible_alias = "cp")]
    Copy(CopyArgs),
    /// Show where two environments differ: names, never values
    Diff(DiffArgs),
}

#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// The new environment: a-z 0-9 _ -
    #[arg(value_hint = clap::ValueHint::Other)]
    name: EnvironmentName,
    /// Only you read and write it; else all admins do
    #[arg(long)]
    private: bool,
}

#[derive(Debug, clap::Args)]
pub struct ProtectArgs {
    /// The environment
    name: EnvironmentName,
}

#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    /// The environment
    name: EnvironmentName,
    /// Don't ask
    #[arg(long, short)]
    yes: bool,
}

pub fn run(command: &Command, context: &Context) -> Result<ExitCode> {
    match command {
        Command::List(args) => list::list(args, context),
        Command::Add(args) => add(args, context),
        Command::Rm(args) => remove(args, context),
        Command::Protect(args) => protect(&args.name, Protection::Yes, context),
        Command::Unprotect(args) => protect(&args.name, Protection::No, context),
        Command::Copy(args) => copy::copy(args, context),
        Command::Diff(args) => diff::diff(args, context),
    }
}

fn add(args: &AddArgs, context: &Context) -> Result<ExitCode> {
    let mut session = context.identity_session()?;
    let name = &args.name;
    let readers = env_add::add(&mut session, name, args.private)?;
    let readers: Vec<_> = readers.iter().map(UserName::as_str).collect();
    context.show_warnings(session.vault());
    context.ui.done(&format!("Added {name} (empty). Readers: {}.", readers.join(", ")));
    Ok(ExitCode::SUCCESS)
}

fn protect(name: &EnvironmentName, protected: Protection, context: &Context) -> Result<ExitCode> {
    // The roster tells without keys, and there is nothing to ask for where nothing changes.
    let is_protected = context.vault()?.roster().state().environment(name)?.protected;
    let (action, done, already) = match protected {
        Protection::Yes => (Action::EnvProtect, "is protected now", "is protected already"),
        Protection::No => (Action::EnvUnprotect, "is not protected any more", "is not protected"),
    };
    if is_protected == protected {
        context.ui.done(&format!("{name} {already}."));
        return Ok(ExitCode::SUCCESS);
    }
    let mut session = context.identity_session()?;
    if protected == Protection::No {
        session.confirm_unprotect(name)?;
    }
    let entry = Entry::new(action).environment(name);
    session.edit(std::slice::from_ref(&entry), |edit| {
        edit.change_roster(Change::SetEnvironment { environment: name.clone(), protected })?;
        edit.log(entry.clone());
        Ok(())
    })?;
    context.show_warnings(session.vault());
    context.ui.done(&format!("{name} {done}."));
    Ok(ExitCode::SUCCESS)
}

fn remove(args: &RemoveArgs, context: &Context) -> Result<ExitCode> {
    let mut session = context.identity_session()?;
    let name = &args.name;
    session.vault().roster().state().environment(name)?;
    let is_readable = session.readable().contains(name);
    let unread = is_readable.then(|| session.open(&Purpose::new(Action::EnvRemove), name).ok()).flatten();
    let count = unread.map(|unread| unread.count()).filter(|count| *count > 0);
    let what = count.map_or(String::new(), |count| format!(" and its {}", plural(count, "item")));
    if !args.yes && !confirm(&format!("Remove environment {name}{what}?"), context)? {
        return Err(Error::failed("nothing was removed").hint("only y or yes removes; -y answers it beforehand"));
    }
    let entry = Entry::new(Action::EnvRemove).environment(name);
    session.edit(std::slice::from_ref(&entry), |edit| {
        edit.change_roster(Change::RemoveEnvironment { environment: name.clone() })?;
        edit.log(entry.clone());
        Ok(())
    })?;
    context.show_warnings(session.vault());
    context.ui.done(&format!("Removed {name}{what}."));
    Ok(ExitCode::SUCCESS)
}
