//! `vault lock`: ends agents, and with them every copy of the keys.

use crate::cli::generated::examples;
use crate::cli::unlocking::agent::sockets_if_any;
use crate::cli::unlocking::context::Context;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::Result;
use vault::agent::Sockets;
use vault::vault::Agents;

/// Stops the agents of this vault, which wipes every copy of the keys. With --user it stops only that user's agent.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault lock" => "Stop the agent of this vault",
    "vault lock --all" => "Stop the agents of all vaults",
})]
pub struct Args {
    /// Stop the agents of all vaults
    #[arg(long)]
    all: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let (settings, mut ended, mut failures) = (context.settings().ok(), 0_usize, Vec::new());
    let targets = match sockets_if_any()? {
        None => Vec::new(),
        Some(sockets) if args.all => sockets.all(),
        Some(sockets) => of_vault(&sockets, context)?,
    };
    for socket in targets {
        match Agents::stop(&socket, settings.as_ref(), &context.caller()) {
            Ok(None) => {}
            Ok(Some(_)) => ended += 1,
            // If one agent can't be ended, the others must not keep their keys.
            Err(error) => failures.push(error),
        }
    }
    let last = failures.pop();
    failures.iter().for_each(|failure| context.ui.warn(&failure.to_string()));
    match (ended, &last) {
        (0, None) => context.ui.done("Nothing was unlocked."),
        (0, Some(_)) => {}
        (1, None) => context.ui.done("Locked."),
        (_, None) => context.ui.done(&format!("Locked. {ended} agents stopped.")),
        (_, Some(_)) => context.ui.done("The other agents were stopped."),
    }
    last.map_or(Ok(ExitCode::SUCCESS), Err)
}

fn of_vault(sockets: &Sockets, context: &Context) -> Result<Vec<PathBuf>> {
    let vault =
        context.vault_of_any_age().map_err(|error| error.hint("to stop the agents of all vaults: vault lock --all"))?;
    let named = context.user()?;
    let found = vault.agent_sockets(sockets, named.as_ref());
    if !found.iter().any(|socket| socket.exists()) {
        named.map_or(Ok(()), |named| vault.check_known(&named))?;
    }
    Ok(found)
}
