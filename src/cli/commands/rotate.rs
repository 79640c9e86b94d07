//! `vault rotate`: a new value for an item that is there.

use super::generate::{self, RecipeArgs};
use crate::cli::asking::terminal;
use crate::cli::options::names::AllowNames;
use crate::cli::options::{input, metadata, moment};
use crate::cli::process::programs;
use crate::cli::running::LeftOut;
use crate::cli::unlocking::context::Context;
use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::ExitCode;
use vault::item::{Item, MAX_VALUE, MAX_VARIABLE, Metadata, Outline};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::roster::Right;
use vault::secret::{ExposeSecret as _, SecretBytes};
use vault::time::Time;
use vault::vault::{Purpose, Session, Unread};
use vault::view::Secret;
use vault::{Error, Result};

/// The item keeps its description, and a value that expired after 90 days is followed by one that does, too. The old value
/// stays in the history. Without an option the new value is asked for, or read from standard input.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// NAME, or ENV/NAME
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    item: String,
    /// Generate a random value: of this length, else as long as is usual for its kind
    #[arg(long, value_name = "LENGTH", num_args = 0..=1, require_equals = true, conflicts_with = "command")]
    generate: Option<Option<usize>>,
    #[command(flatten)]
    recipe: RecipeArgs,
    /// Take what this shell command prints; VAULT_ITEM tells it the name, VAULT_OLD_VALUE the current value
    #[arg(long, value_name = "CMD")]
    command: Option<std::ffi::OsString>,
    /// When the new value stops working: 90d, 12h, 2027-02-21 (which begins in UTC), or never; else after as long as the old one did
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.recipe.is_given() && args.generate.is_none() {
        return Err(Error::usage("this says how to generate, and --generate is missing").hint("add --generate"));
    }
    // A command that makes the value may ask for something itself.
    let quiet = args.command.is_none().then(terminal::Quiet::begin);
    let mut session = context.session()?;
    let (environment, name) = context.item(&session, &args.item)?;
    let purpose = Purpose::new(Action::Rotate).items([&name]);
    let attempt = Entry::new(Action::Rotate).environment(&environment).items([&name]);
    let unread = session.open(&purpose, &environment)?;
    let value = new_value(args, &name, unread, (&session, purpose), context);
    drop(quiet);
    let value = value.map_err(|error| session.log_refusal(attempt.clone(), error))?;
    let (secret, message, left_out) = session.edit(std::slice::from_ref(&attempt), |edit| {
        let (now, user, vault) = (edit.now(), edit.user(), edit.vault());
        let content = edit.content_mut(&environment)?;
        let item = content.item(&environment, &name)?;
        if *value == *item.current.value {
            let why = format!("the new value of {environment}/{name} is the old one");
            return Err(Error::failed(why).hint("nothing was written"));
        }
        let expires_at = match &args.expires {
            Some(expires) => moment::expiry(expires, now)?,
            None => renewed_expiry(item, now),
        };
        let metadata = Metadata { expires_at, ..item.metadata.clone() };
        content.set(&name, value.clone(), &metadata, user, now)?;
        let item = content.item(&environment, &name)?;
        let once = AllowNames::default();
        let left_out = LeftOut::of(&environment, item.outline(), once.and_kept(vault));
        let done = (Secret::new(&environment, item.outline()), message(&environment, item), left_out);
        edit.log(attempt.clone());
        Ok(done)
    })?;
    context.show_warnings(session.vault());
    context.ui.done(&message);
    left_out.iter().filter(|left_out| left_out.is_news(false)).for_each(|left_out| left_out.warn(context));
    context.ui.hint("the old value works until whoever issued it revokes it");
    if context.ui.json {
        context.ui.json(&secret)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn message(environment: &EnvironmentName, item: &Item) -> String {
    let (name, version) = (&item.name, item.current.number);
    format!("Rotated {environment}/{name} (version {version}{}).", metadata::outlook(item))
}

/// As long from now as the old value was good for.
fn renewed_expiry(item: &Item, now: Time) -> Option<Time> {
    let lifetime = item.metadata.expires_at?.utc() - item.current.set_at.utc();
    now.utc().checked_add_signed(lifetime).map(Time::from)
}

/// The new value. All that can be refused without it is refused before the current one is handed out.
fn new_value(
    args: &Args,
    name: &ItemName,
    unread: Unread,
    (session, purpose): (&Session, Purpose),
    context: &Context,
) -> Result<SecretBytes> {
    let environment = unread.environment().clone();
    let old = unread.item(name)?;
    session.check_right(&environment, Right::Write)?;
    args.expires.as_deref().map(|expires| moment::expiry(expires, Time::now())).transpose()?;
    if let Some(length) = args.generate {
        let recipe = args.recipe.recipe(length)?;
        context.ui.done(&generate::strength(&recipe));
        return recipe.generate();
    }
    if let Some(command) = &args.command {
        check_variable(old)?;
        programs::check_line(command, "--command")?;
        let content = session.read(&purpose.program("sh"), unread.only(|item| item.name() == name))?;
        return printed_by(command, content.item(&environment, name)?);
    }
    if !std::io::stdin().is_terminal() {
        return given(input::value(false)?, "standard input");
    }
    if context.globals.non_interactive {
        return Err(input::no_value(&environment, name));
    }
    let typed = terminal::hidden_value(&format!("New value for {environment}/{name}: "))?;
    given(SecretBytes::from(typed.expose_secret()), "what was typed")
}

/// A rotation that ends without a value is one that failed.
fn given(value: SecretBytes, what: &str) -> Result<SecretBytes> {
    if value.is_empty() {
        return Err(Error::usage(format!("{what} is empty, and nothing was written")).hint(
            "to stop a script when the command before | fails: set -o pipefail; if an empty value is meant: vault set NAME --empty",
        ));
    }
    Ok(value)
}

/// The command has the current value in a variable.
fn check_variable(old: Outline<'_>) -> Result<()> {
    match old.unfit_value("VAULT_OLD_VALUE", Some(MAX_VARIABLE)) {
        None => Ok(()),
        Some(why) => {
            Err(Error::failed(format!("{} {why}", old.name())).hint("pipe the new value in: CMD | vault rotate NAME"))
        }
    }
}

/// Runs the command by `sh -c`, with nothing on its standard input and without the vault's own keys.
fn printed_by(command: &OsStr, old: &Item) -> Result<SecretBytes> {
    let mut shell = programs::shell(command, "--command")?;
    shell.env("VAULT_ITEM", old.name.as_str()).env("VAULT_OLD_VALUE", OsStr::from_bytes(&old.current.value));
    let run = programs::printed(shell, MAX_VALUE);
    let (status, printed) =
        run.map_err(|error| Error::failed(format!("sh can't be run: {}", vault::error::reason(&error))))?;
    if printed.len() > MAX_VALUE {
        return Err(Error::failed(format!("the command printed more than {} KiB", MAX_VALUE >> 10)));
    }
    if !status.success() {
        return Err(Error::failed(format!("the command failed: {status}")).hint("nothing was written"));
    }
    given(input::without_line_end(printed), "what the command printed")
}
