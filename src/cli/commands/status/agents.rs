//! `vault status --all`: shows the vaults and users whose keys are held by agents.

use crate::cli::showing::words::shown_path;
use crate::cli::unlocking::agent::sockets_if_any;
use crate::cli::unlocking::context::Context;
use std::path::Path;
use std::process::ExitCode;
use vault::Result;
use vault::agent::{Client, Sockets};
use vault::ordered::InOrder as _;
use vault::time::Time;
use vault::view::Unlocked;
use vault::words::roughly;

/// Says where agents listen if there is no XDG_RUNTIME_DIR.
pub fn note_temporary(sockets: Option<&Sockets>, context: &Context) {
    if let Some(sockets) = sockets.filter(|sockets| sockets.are_temporary()) {
        context.ui.hint(&format!("there is no XDG_RUNTIME_DIR: agents listen in {}", sockets.runtime().display()));
    }
}

pub fn run(context: &Context) -> Result<ExitCode> {
    let (now, mut all) = (Time::now(), Vec::new());
    let sockets = sockets_if_any()?;
    for socket in sockets.iter().flat_map(Sockets::all) {
        match Client::connect(&socket) {
            Ok(agent) => all.extend(agent.map(|agent| Unlocked::new(&agent, now))),
            // If one agent doesn't answer, the others are still shown.
            Err(error) => context.ui.warn(&error.to_string()),
        }
    }
    all.order_by(|one, other| (&one.path, &one.user).cmp(&(&other.path, &other.user)));
    if context.ui.json {
        context.ui.json(&all)?;
    } else if all.is_empty() {
        context.ui.line("Nothing is unlocked.")?;
    } else {
        let row = |unlocked: &Unlocked| {
            let (agent, path) = (&unlocked.agent, shown_path(Path::new(&unlocked.path)));
            let [left, used, limit] = [agent.left, agent.left_if_used, agent.idle_limit].map(roughly);
            vec![path, unlocked.user.clone(), left, used, limit, agent.pid.to_string()]
        };
        let rows: Vec<_> = all.iter().map(row).collect();
        context.ui.table(&["VAULT", "USER", "LEFT", "IF USED", "IDLE LIMIT", "PID"], &rows)?;
        note_temporary(sockets.as_ref(), context);
    }
    Ok(ExitCode::SUCCESS)
}
