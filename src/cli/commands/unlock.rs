//! `vault unlock`: starting an agent that keeps the keys.

use crate::cli::unlocking::agent::{self, IDLE, TOTAL, duration, sockets, start, until};
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use std::time::Duration;
use vault::agent::Limits;
use vault::{Error, Result};

/// Asks for the passphrase once: until the agent ends, commands need none. What changes who may do what asks again. The first
/// prompt on a terminal starts an agent, too, for 1 hour and until 15 minutes idle, unless VAULT_AGENT=off.
///
/// What every command unlocks with is the first of these that is there: --key-file, --passphrase-fd, --passphrase-file;
/// VAULT_KEY, VAULT_KEY_FILE, VAULT_PASSPHRASE, VAULT_PASSPHRASE_FILE, VAULT_PASSPHRASE_CMD (run by sh -c; its first
/// line); the agent; the terminal.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How long at most, such as 8h; 1 hour if not given
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    total: Option<Duration>,
    /// How long without being used; 15 minutes if not given
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    idle: Option<Duration>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if agent::is_off() {
        return Err(Error::usage("the agent is off (VAULT_AGENT=off)").hint("to have one: unset VAULT_AGENT"));
    }
    let sockets = sockets()?;
    let total = args.total.unwrap_or(TOTAL);
    let limits = Limits { total, idle: args.idle.unwrap_or(IDLE).min(total) };
    let session = context.unlock_here(context.vault()?)?;
    start(&sockets, &session, limits, context)?;
    let (path, user) = (session.vault().path().display(), session.user());
    if args.idle.is_some_and(|idle| idle > total) {
        context.ui.hint("it ends after that whatever is used; for longer: --for DURATION");
    }
    context.ui.done(&format!("Unlocked {path} as {user} {}. `vault lock` ends it.", until(limits)));
    Ok(ExitCode::SUCCESS)
}
