//! `vault rotate`: gives an existing item a new value.

use crate::cli::asking::terminal;
use crate::cli::generated::examples;
use crate::cli::options::recipe::{self, RecipeArgs};
use crate::cli::options::{input, metadata, moment};
use crate::cli::process::programs;
use crate::cli::running::warn_of_left_out;
use crate::cli::unlocking::context::Context;
use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::ExitCode;
use vault::actions::piped::without_final_newline;
use vault::actions::rotate::{Expiry, Rotation};
use vault::actions::{Place, Stored};
use vault::error::Reason;
use vault::item::MAX_VALUE;
use vault::name::{ItemName, NamedItem};
use vault::secret::{ExposeSecret as _, SecretBytes};
use vault::time::Time;
use vault::vault::Session;
use vault::{Error, Result};

/// The item keeps its description. If the old value was good for 90 days, so is the new one. The old value stays in the
/// history. Without an option vault asks for the new value, or reads it from standard input.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault rotate prod/SESSION_KEY --generate" => "Replace a value with a random one",
    "vault rotate DB_PASSWORD --command ./new-password.sh" => "Replace it with what a command prints",
})]
pub struct Args {
    /// NAME, or ENV/NAME
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    item: String,
    /// Generate a random value of this length (default 32 characters, 8 words or 32 bytes)
    #[arg(long, value_name = "LENGTH", num_args = 0..=1, require_equals = true, conflicts_with = "command")]
    generate: Option<Option<usize>>,
    #[command(flatten)]
    recipe: RecipeArgs,
    /// Use the output of this shell command, which gets the name in VAULT_ITEM and the current value in VAULT_OLD_VALUE
    #[arg(long, value_name = "CMD")]
    command: Option<std::ffi::OsString>,
    /// Set when the new value stops working: 90d, 12h, 2027-02-21 (in UTC), or never (default: the old value's
    /// lifetime, counted from now)
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    args.recipe.check(args.generate.is_some())?;
    let expires = match &args.expires {
        None => Expiry::AsBefore,
        Some(expires) => moment::expiry(expires, Time::now())?.into(),
    };
    // A command that makes the value may prompt itself, so echo must be on.
    let quiet = args.command.is_none().then(terminal::Quiet::begin);
    let mut session = context.session()?;
    let place = context.item(&session, &args.item)?;
    let rotation = Rotation::begin(&session, &place, expires)?;
    let stored = match &args.command {
        Some(command) => by_command(command, &place.1, rotation, &mut session)?,
        None => {
            let value = new_value(args, &place, context);
            drop(quiet);
            let value = value.map_err(|error| rotation.failed(&session, error))?;
            rotation.save(&mut session, &value)?
        }
    };
    context.show_warnings(session.vault());
    let details = metadata::details(&stored);
    let named = NamedItem::from(&place);
    context.ui.done(&format!("Rotated {named} (version {}{details}).", stored.secret.version));
    stored.left_out.iter().for_each(|left_out| warn_of_left_out(left_out, context));
    context.ui.hint("revoke the old value at its issuer: until then it works");
    if context.ui.json {
        context.ui.json(&stored.secret)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn new_value(args: &Args, place: &Place, context: &Context) -> Result<SecretBytes> {
    if let Some(length) = args.generate {
        let recipe = args.recipe.recipe(length)?;
        context.ui.done(&recipe::strength(&recipe));
        return recipe.generate();
    }
    if !std::io::stdin().is_terminal() {
        return input::value(false);
    }
    if context.globals.non_interactive {
        return Err(input::no_value(&place.0, &place.1));
    }
    let named = NamedItem::from(place);
    let typed = terminal::hidden_value(&format!("New value for {named}: "))?;
    Ok(SecretBytes::from(typed.expose_secret()))
}

fn by_command(command: &OsStr, name: &ItemName, rotation: Rotation, session: &mut Session) -> Result<Stored> {
    programs::check_line(command, "--command").map_err(|error| rotation.failed(session, error))?;
    let (handed, old) = rotation.hand_over(session, "sh", "VAULT_OLD_VALUE")?;
    let value = printed_by(command, name, &old).map_err(|error| handed.failed(session, error))?;
    handed.save(session, &value)
}

/// Runs the command with `sh -c` and returns its output. Its standard input is empty, and it doesn't get vault's keys.
fn printed_by(command: &OsStr, name: &ItemName, old: &SecretBytes) -> Result<SecretBytes> {
    let mut shell = programs::shell(command, "--command")?;
    shell.env("VAULT_ITEM", name.as_str()).env("VAULT_OLD_VALUE", OsStr::from_bytes(old));
    let run = programs::printed(shell, MAX_VALUE);
    let (status, printed) =
        run.map_err(|error| Error::failed(format!("sh can't be run: {}", vault::error::reason(&error))))?;
    if printed.len() > MAX_VALUE {
        return Err(Error::new(Reason::TooLarge, format!("the command printed more than {} KiB", MAX_VALUE >> 10))
            .hint("it must print the new value and nothing else"));
    }
    if !status.success() {
        return Err(
            Error::failed(format!("the command failed: {status}")).hint("run it by itself to see why: sh -c 'CMD'")
        );
    }
    Ok(without_final_newline(printed))
}
