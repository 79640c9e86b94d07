//! `vault env`: manages environments.

mod copy;
mod diff;
mod list;

use crate::cli::generated::examples;
use crate::cli::unlocking::context::Context;
use copy::CopyArgs;
use diff::DiffArgs;
use std::process::ExitCode;
use vault::actions::{env_add, env_protect, env_rm};
use vault::name::{EnvironmentName, UserName};
use vault::roster::Protection;
use vault::vault::Agreed;
use vault::words::plural;
use vault::{Error, Result};

/// Environments: each is encrypted to its own readers.
#[derive(Debug, clap::Subcommand)]
#[command(after_long_help = examples! {
    "vault env list" => "List the environments, and who reads them",
    "vault env add staging" => "Add an environment",
})]
pub enum Command {
    /// List environments; needs no key
    #[command(visible_alias = "ls")]
    #[command(after_long_help = examples! {
        "vault env list" => "List all environments",
        "vault env list --reader ana" => "List the environments that ana reads",
    })]
    List(list::Args),
    /// Add an empty environment
    ///
    /// All admins read and write it. Any user may add one with --private, which only they read.
    #[command(aliases = ["create", "new"])]
    #[command(after_long_help = examples! {
        "vault env add staging" => "Add an environment that all admins read and write",
        "vault env add mine --private" => "Add an environment that only you read",
    })]
    Add(AddArgs),
    /// Remove an environment and everything in it
    #[command(aliases = ["remove", "delete"])]
    #[command(after_long_help = examples! {
        "vault env rm preview" => "Remove an environment; vault asks first",
        "vault env rm -y preview-17" => "Remove it without asking",
    })]
    Rm(RemoveArgs),
    /// Ask before values of an environment are handed out or changed
    ///
    /// On a terminal, every command that hands out or changes its values asks, once every 15 minutes on this device;
    /// without a terminal it needs --reason. From then on this applies to everybody. It prevents mistakes, and changes
    /// nobody's rights. Only admins can change it.
    #[command(after_long_help = examples! {
        "vault env protect prod" => "Ask before values of prod are used",
        "vault exec -e prod --reason 'release 7' -- ./deploy" => "Use them where vault can't ask, as in CI",
    })]
    Protect(ProtectArgs),
    /// Stop protecting an environment
    ///
    /// It asks first; without a terminal it needs --reason. Only admins can change it.
    #[command(after_long_help = examples! {
        "vault env unprotect preview" => "Unprotect it; vault asks first",
        "vault env unprotect preview --reason 'moved to prod'" => "Unprotect it where vault can't ask, as in a script",
    })]
    Unprotect(ProtectArgs),
    /// Copy the items of one environment to another
    ///
    /// Values that differ there stay as they are, unless you add --force. A new environment is read and written by all
    /// admins.
    #[command(visible_alias = "cp")]
    #[command(after_long_help = examples! {
        "vault env copy dev staging" => "Copy all items of dev to staging, which may be new",
        "vault env copy dev prod --only PORT,LOG_LEVEL" => "Copy two items",
    })]
    Copy(CopyArgs),
    /// Show where two environments differ: names, never values
    #[command(after_long_help = examples! {
        "vault env diff dev prod" => "Show which items differ between dev and prod",
        "vault env diff dev prod --json" => "Print the same for a program",
    })]
    Diff(DiffArgs),
}

#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// The new environment: a-z 0-9 _ -
    #[arg(value_hint = clap::ValueHint::Other)]
    name: EnvironmentName,
    /// Let only you read and write it, not even other admins
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
    let mut session = context.key_session()?;
    let name = &args.name;
    let readers = env_add::add(&mut session, name, args.private)?;
    let readers: Vec<_> = readers.iter().map(UserName::as_str).collect();
    context.show_warnings(session.vault());
    context.ui.done(&format!("Added {name} (empty). Readers: {}.", readers.join(", ")));
    Ok(ExitCode::SUCCESS)
}

fn protect(name: &EnvironmentName, protected: Protection, context: &Context) -> Result<ExitCode> {
    let (done, already) = match protected {
        Protection::Yes => ("is protected now", "is protected already"),
        Protection::No => ("is no longer protected", "is not protected"),
    };
    if env_protect::is_already(&context.vault()?, name, protected)? {
        context.ui.done(&format!("{name} {already}."));
        return Ok(ExitCode::SUCCESS);
    }
    let mut session = context.key_session()?;
    env_protect::protect(&mut session, name, protected)?;
    context.show_warnings(session.vault());
    context.ui.done(&format!("{name} {done}."));
    Ok(ExitCode::SUCCESS)
}

fn remove(args: &RemoveArgs, context: &Context) -> Result<ExitCode> {
    let mut session = context.key_session()?;
    let name = &args.name;
    let removal = env_rm::Removal::of(&session, name)?;
    let what = match removal.items() {
        None => " and its items, which you can't read".to_owned(),
        Some(0) => String::new(),
        Some(count) => format!(" and its {}", plural(count, "item")),
    };
    if !args.yes && !context.confirm(&format!("Remove environment {name}{what}?"))? {
        return Err(Error::failed("nothing was removed").hint("only y or yes removes; -y skips the question"));
    }
    Agreed::to(removal).save(&mut session)?;
    context.show_warnings(session.vault());
    context.ui.done(&format!("Removed {name}{what}."));
    Ok(ExitCode::SUCCESS)
}
