//! `vault status --all`: the vaults and users whose keys agents hold.

use super::shown_path;
use crate::cli::showing::object::Unlocked;
use crate::cli::showing::words::roughly;
use crate::cli::unlocking::agent::sockets_if_any;
use crate::cli::unlocking::context::Context;
use std::path::Path;
use std::process::ExitCode;
use vault::Result;
use vault::agent::{Client, Sockets};
use vault::time::Time;

pub fn run(context: &Context) -> Result<ExitCode> {
    let (now, mut all) = (Time::now(), Vec::new());
    for socket in sockets_if_any()?.iter().flat_map(Sockets::all) {
        match Client::connect(&socket) {
            Ok(agent) => all.extend(agent.map(|agent| Unlocked::new(agent.status(), now))),
            // One of which nothing can be known hides no others.
            Err(error) => context.ui.warn(&error.to_string()),
        }
    }
    all.sort_by(|one, other| (&one.path, &one.user).cmp(&(&other.path, &other.user)));
    if context.ui.json {
        context.ui.json(&all)?;
    } else if all.is_empty() {
        context.ui.line("Nothing is unlocked.")?;
    } else {
        let row = |of: &Unlocked| {
            let (agent, path) = (&of.agent, shown_path(Path::new(&of.path)));
            let [left, used, limit] = [agent.left, agent.left_if_used, agent.idle_limit].map(roughly);
            vec![path, of.user.clone(), left, used, limit, agent.pid.to_string()]
        };
        let rows: Vec<_> = all.iter().map(row).collect();
        context.ui.table(&["VAULT", "USER", "LEFT", "IF USED", "IDLE LIMIT", "PID"], &rows)?;
    }
    Ok(ExitCode::SUCCESS)
}
