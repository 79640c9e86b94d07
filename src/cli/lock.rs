//! `vault lock`: ending agents, and with them every copy of the keys.

use super::agent::{candidates, place};
use super::context::Context;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::Result;
use vault::agent::{Client, Place};
use vault::log::{Action, Entry, Writer};
use vault::name::UserName;
use vault::signature::Hash;

/// Ends the agent of this vault, and with it every copy of the keys.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The agents of all vaults
    #[arg(long)]
    all: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let place = place()?;
    let (mut ended, mut failures) = (0_usize, Vec::new());
    let targets = if args.all { every(&place) } else { of_vault(&place, context)? };
    for Target { socket, log } in targets {
        match Client::lock(&socket) {
            Ok(false) => {}
            Ok(true) => {
                ended += 1;
                if let Some(log) = log {
                    // Without the keys: an existing segment goes on. It is no use of a value, and nothing depends on it.
                    let _ = log.append(vec![Entry::new(Action::Lock)], None);
                }
            }
            // One that can't be ended is no reason to leave the others their keys.
            Err(error) => failures.push(error),
        }
    }
    let last = failures.pop();
    failures.iter().for_each(|failure| context.ui.warn(&failure.to_string()));
    match (ended, &last) {
        (0, None) => context.ui.done("Nothing was unlocked."),
        (0, Some(_)) => {}
        (_, None) => context.ui.done("Locked."),
        (_, Some(_)) => context.ui.done("The others are locked."),
    }
    last.map_or(Ok(ExitCode::SUCCESS), Err)
}

/// Where an agent may listen, and the log to write to when it has ended.
struct Target {
    socket: PathBuf,
    log: Option<Writer>,
}

fn every(place: &Place) -> Vec<Target> {
    place.sockets().into_iter().map(|socket| Target { socket, log: None }).collect()
}

/// Where agents of this vault listen: of its users, by the names of their sockets, and of whoever was one.
fn of_vault(place: &Place, context: &Context) -> Result<Vec<Target>> {
    let vault = context
        .vault_of_any_age()
        .map_err(|error| error.hint("to end the agents of all vaults, which takes no file: vault lock --all"))?;
    let (id, named) = (vault.id(), context.user()?);
    let target = |user: &UserName, socket| Target { socket, log: Some(vault.log_writer(user)) };
    let of_user = |user: &UserName| place.socket(&id, user).ok().map(|socket| target(user, socket));
    let mut targets: Vec<_> = candidates(&vault, named.as_ref()).iter().filter_map(of_user).collect();
    for socket in place.sockets() {
        if targets.iter().all(|known| known.socket != socket)
            && let Some(user) = held(&socket, &id)
            && named.as_ref().is_none_or(|named| *named == user)
        {
            targets.push(target(&user, socket));
        }
    }
    Ok(targets)
}

/// Whose keys of this vault the agent there holds.
fn held(socket: &Path, vault: &Hash) -> Option<UserName> {
    let agent = Client::connect(socket).ok().flatten()?;
    let status = agent.status();
    (status.vault == *vault).then(|| UserName::new(status.user.clone()).ok())?
}
