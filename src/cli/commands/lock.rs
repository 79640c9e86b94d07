//! `vault lock`: ends agents, and with them every copy of the keys.

use crate::cli::generated::examples;
use crate::cli::unlocking::context::Context;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::Result;
use vault::actions::lock::{self, Stopped};
use vault::settings::state_directory;
use vault::vault::Settings;

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
    let Stopped { agents, mut failures, searched } = match args.all {
        true => all(context)?,
        false => of_vault(context)?,
    };
    let last = failures.pop();
    failures.iter().for_each(|failure| context.ui.warn(&failure.to_string()));
    match (agents, &last) {
        (0, None) => context.ui.done(&none(&searched)),
        (0, Some(_)) => {}
        (1, None) => context.ui.done("Locked."),
        (_, None) => context.ui.done(&format!("Locked. {agents} agents stopped.")),
        (_, Some(_)) => context.ui.done("The other agents were stopped."),
    }
    last.map_or(Ok(ExitCode::SUCCESS), Err)
}

/// Says where no agent was found: one that was started with other variables may still run.
fn none(searched: &[PathBuf]) -> String {
    match searched {
        [] => "No agent was found: XDG_RUNTIME_DIR is not set, and none was started without it.".to_owned(),
        searched => {
            let places: Vec<_> = searched.iter().map(|place| place.display().to_string()).collect();
            format!("No agent listens in {}.", places.join(" or "))
        }
    }
}

fn all(context: &Context) -> Result<Stopped> {
    // A wrong VAULT_PIN must not keep agents running.
    let settings = context.settings().or_else(|_| state_directory().map(Settings::at))?;
    lock::all(&settings, &context.caller())
}

fn of_vault(context: &Context) -> Result<Stopped> {
    let file = context.unproven().map_err(|error| error.hint("to stop the agents of all vaults: vault lock --all"))?;
    lock::vault(&file, context.user()?.as_ref(), &context.caller())
}
