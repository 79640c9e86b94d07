//! `vault unlock`: starts an agent that keeps the keys.

use crate::cli::generated::examples;
use crate::cli::showing::words::{shown_path, until};
use crate::cli::unlocking::agent::{duration, for_how_long, sockets, start};
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::credential;
use std::process::ExitCode;
use std::time::Duration;
use vault::Result;
use vault::agent::{Limits, check_is_on};
use vault::vault::Need;

/// Asks for the passphrase once. Until the agent ends, commands don't ask again, and neither do git hooks and IDEs,
/// which have no terminal. Commands that change users or rights always ask. The first prompt on a terminal starts an
/// agent, too, for 1 hour or until it is unused for 15 minutes, unless VAULT_AGENT=off. If the vault is already unlocked, vault
/// unlock says until when, and the idle time starts again; with --for or --idle it asks for the passphrase and sets the
/// new times.
///
/// Every command unlocks with the first of these that is present: --key-file, --passphrase-fd, --passphrase-file;
/// VAULT_KEY, VAULT_KEY_FILE, VAULT_PASSPHRASE, VAULT_PASSPHRASE_FILE, VAULT_PASSPHRASE_CMD (run by sh -c; its first
/// line); the agent; the terminal.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault unlock" => "Unlock for an hour, or until it is unused for 15 minutes",
    "vault unlock --for 8h" => "Unlock for a working day",
})]
pub struct Args {
    /// Keep the keys this long, used or not, such as 8h (default 1 hour)
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    total: Option<Duration>,
    /// End after this long without use (default 15 minutes, unless --for is given)
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    idle: Option<Duration>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    check_is_on()?;
    if args.total.is_none() && args.idle.is_none() && renew(context)? {
        return Ok(ExitCode::SUCCESS);
    }
    let sockets = sockets()?;
    let limits = Limits::chosen(args.total, args.idle);
    let need = match is_held(context)? {
        true => Need::Identity,
        false => Need::Session,
    };
    let session = context.unlock_here(context.vault()?, need)?;
    start(&sockets, &session, limits, context)?;
    let (path, user) = (shown_path(session.vault().path()), session.user());
    if args.idle.is_some_and(|idle| idle > limits.total) {
        context.ui.hint("the agent ends then, whether it is used or not; for longer: --for DURATION");
    }
    context.ui.done(&format!("Unlocked {path} as {user} {}. `vault lock` ends it.", for_how_long(limits)));
    if sockets.are_temporary() {
        context.ui.hint(&format!("there is no XDG_RUNTIME_DIR: the agent listens in {}", sockets.runtime().display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns whether an agent has the vault unlocked, but nobody can be asked for the passphrase. Then the error must not
/// say that the vault is locked.
fn is_held(context: &Context) -> Result<bool> {
    Ok(!context.is_interactive()
        && credential::source(&context.globals)?.is_terminal()
        && context.session_at_once()?.is_some())
}

/// Restarts the idle time if an agent holds the keys and no other credential was given, and says until when the vault
/// is unlocked. A longer time takes the passphrase.
fn renew(context: &Context) -> Result<bool> {
    if !credential::source(&context.globals)?.is_terminal() {
        return Ok(false);
    }
    let Some(session) = context.session_at_once()? else { return Ok(false) };
    let Some(agent) = session.agent() else { return Ok(false) };
    let status = agent.renew()?;
    let idle = match status.idle_in < status.ends_in {
        true => format!(", or until {} if it isn't used", until(status.idle_in)),
        false => String::new(),
    };
    let (path, user) = (shown_path(session.vault().path()), session.user());
    context.ui.done(&format!("{path} is unlocked as {user} until {}{idle}.", until(status.ends_in)));
    context.ui.hint("to extend it, with the passphrase: vault unlock --for 8h");
    Ok(true)
}
