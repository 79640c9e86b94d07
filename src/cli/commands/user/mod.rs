//! `vault user`: manages users.

mod add;
mod history;
mod list;
mod remove;
mod renew;

use crate::cli::generated::examples;
use crate::cli::showing::left_behind::warn_of_left;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::actions::user_role::{self, RoleSet};
use vault::name::{EnvironmentName, UserName};
use vault::roster::Role;
use vault::view::{RightsSet, User};
use vault::{Error, Result};

/// Users are people and machines. Each has their own keys; an environment is encrypted to those who may read it.
#[derive(Debug, clap::Subcommand)]
#[command(after_long_help = examples! {
    "vault user list" => "List users and their rights",
    "vault user add ana --write dev --read prod" => "Add a user",
})]
pub enum Command {
    /// List users and their rights; needs no key
    ///
    /// With -e, list only users who read one of the named environments.
    #[command(visible_alias = "ls")]
    #[command(after_long_help = examples! {
        "vault user list" => "List all users",
        "vault user list -e prod" => "List who reads prod",
    })]
    List(list::Args),
    /// Add a user and print their key, once
    ///
    /// The key goes to standard output. A machine uses it as VAULT_KEY; a person runs `vault join` with it and gets
    /// keys that nobody else has seen. With --keys nothing is printed, because the new user made the keys. With --names
    /// several users are added at once, all or none, with the same rights; their keys go into files (--keys-to) or into
    /// JSON (--json).
    #[command(aliases = ["create", "new"])]
    #[command(after_long_help = examples! {
        "vault user add ana --write dev --read prod" => "Add a person, who then runs vault join",
        "vault user add ci --read prod" => "Add a machine, which uses the key as VAULT_KEY",
    })]
    Add(Box<add::Args>),
    /// Remove a user, and re-encrypt what they could read
    ///
    /// Environments that the user could read are re-encrypted in the same step. All their items are marked for
    /// replacement and listed by name, because the user still knows the values. Users whose keys the user made, and may
    /// still have, are removed, too.
    #[command(aliases = ["remove", "delete"])]
    #[command(after_long_help = examples! {
        "vault exposure ana" => "Show first what ana could read",
        "vault user rm ana" => "Remove the user",
    })]
    Rm(remove::Args),
    /// Make a user an admin or a member
    ///
    /// Admins may change users and rights. That alone does not let them read anything: give rights with `vault grant`.
    #[command(after_long_help = examples! {
        "vault user role ana admin" => "Let ana add users and give rights",
        "vault user role ana member" => "Make ana a member again",
    })]
    Role(RoleArgs),
    /// Print a new key for a machine; the old one works until --finish
    ///
    /// Run it with the machine's current key: only that key opens the machine's identity. Both keys work with the new
    /// file until you run `vault user renew NAME --finish` with the new key, which removes the old one. Older commits
    /// open only with the old key.
    #[command(after_long_help = examples! {
        "vault user renew ci" => "Print a second key for a machine",
        "vault user renew ci --finish" => "Remove the first one, once every job has the second",
    })]
    Renew(renew::Args),
    /// Show who changed users, rights and environments; needs no key
    ///
    /// Every change is signed by its author, and none can be removed from the chain. Times come from the authors'
    /// clocks.
    #[command(after_long_help = examples! {
        "vault user history" => "List all roster changes",
        "vault user history ana" => "List the changes by or about ana",
    })]
    History(history::Args),
}

#[derive(Debug, clap::Args)]
pub struct RoleArgs {
    /// The user
    name: UserName,
    /// admin or member
    role: Role,
    /// Don't ask
    #[arg(long, short)]
    yes: bool,
}

pub fn run(command: &Command, context: &Context) -> Result<ExitCode> {
    match command {
        Command::List(args) => list::run(args, context),
        Command::Add(args) => add::run(args, context),
        Command::Rm(args) => remove::run(args, context),
        Command::Role(args) => role(args, context),
        Command::Renew(args) => renew::run(args, context),
        Command::History(args) => history::run(args, context),
    }
}

/// Asks whether this admin may become a member although nobody could give rights on these environments afterwards.
fn confirm_demotion(name: &UserName, unmanaged: &[EnvironmentName], context: &Context) -> Result<()> {
    let names: Vec<_> = unmanaged.iter().map(EnvironmentName::as_str).collect();
    let question =
        format!("{name} is the last admin who writes {}. Nobody could give rights there. Continue?", names.join(", "));
    match context.confirm(&question)? {
        true => Ok(()),
        false => {
            Err(Error::failed(format!("{name} stays an admin")).hint("only y or yes continues; -y skips the question"))
        }
    }
}

fn role(args: &RoleArgs, context: &Context) -> Result<ExitCode> {
    let RoleArgs { name, role, yes } = args;
    let mut session = context.key_session()?;
    let unmanaged = match role {
        Role::Admin => Vec::new(),
        Role::Member => user_role::left_unmanaged(&session, name),
    };
    if !unmanaged.is_empty() && !yes {
        confirm_demotion(name, &unmanaged, context)?;
    }
    let RoleSet { changed, left } = user_role::set(&mut session, name, *role, &unmanaged)?;
    context.show_warnings(session.vault());
    let user = User::new(session.vault(), name)?;
    let article = if *role == Role::Admin { "an admin" } else { "a member" };
    let verb = if changed { "is now" } else { "is already" };
    context.ui.done(&format!("{name} {verb} {article}: {}.", user.rights()));
    if context.ui.json {
        context.ui.json(&RightsSet { user, left: (&left).into() })?;
    }
    warn_of_left(&left, name, context.ui);
    Ok(ExitCode::SUCCESS)
}
