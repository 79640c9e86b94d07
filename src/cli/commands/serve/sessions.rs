//! `vault serve sessions`: shows who is signed in at this user's servers, and ends sessions.

use crate::cli::showing::words::shown_path;
use crate::cli::unlocking::agent::sockets_if_any;
use crate::cli::unlocking::context::Context;
use std::path::Path;
use std::process::ExitCode;
use vault::agent::Sockets;
use vault::serving::{self, Request};
use vault::time::Time;
use vault::view::{ServerSession, ServerStatus};
use vault::words::{plural, roughly};
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// End this session
    #[arg(long, value_name = "ID", conflicts_with = "end_all")]
    end: Option<String>,
    /// End all sessions; the servers keep running
    #[arg(long)]
    end_all: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let request = match &args.end {
        Some(id) => Request::End(id.clone()),
        None if args.end_all => Request::EndAll,
        None => Request::List,
    };
    let sockets = sockets_if_any()?;
    let (now, mut servers, mut ended) = (Time::now(), Vec::new(), 0);
    for socket in sockets.iter().flat_map(Sockets::of_servers) {
        match serving::ask(&socket, &request) {
            Ok(Some(server)) => {
                ended += server.ended.len();
                servers.push(ServerStatus::new(server, now));
            }
            Ok(None) => {}
            // If one server doesn't answer, the others are still shown.
            Err(error) => context.ui.warn(&error.to_string()),
        }
    }
    if let Some(id) = args.end.as_ref().filter(|_| ended == 0) {
        let id = vault::name::quoted(id);
        return Err(Error::not_found(format!("there is no session {id}")).hint("to list them: vault serve sessions"));
    }
    if request != Request::List {
        context.ui.done(&format!("{} ended.", plural(ended, "session")));
    }
    match context.ui.json {
        true => context.ui.json(&servers)?,
        false if request == Request::List => print(&servers, context)?,
        false => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn print(servers: &[ServerStatus], context: &Context) -> Result<()> {
    if servers.is_empty() {
        return context.ui.line("No server is running.");
    }
    for (number, server) in servers.iter().enumerate() {
        if number > 0 {
            context.ui.line("")?;
        }
        let who = if server.sessions.is_empty() { ": nobody is signed in" } else { "" };
        let path = shown_path(Path::new(&server.path));
        context.ui.line(&format!("{} · {path} · process {}{who}", server.address, server.pid))?;
        if who.is_empty() {
            let rows: Vec<_> = server.sessions.iter().map(row).collect();
            context.ui.table(&["ID", "USER", "CLIENT", "SINCE", "LAST USED", "LEFT", "IF USED"], &rows)?;
        }
    }
    Ok(())
}

fn row(session: &ServerSession) -> Vec<String> {
    let ServerSession { object_id, username, program, .. } = session;
    let ago = |seconds: u64| format!("{} ago", roughly(seconds));
    let [left, if_used] = [session.left, session.left_if_used].map(roughly);
    vec![object_id.clone(), username.clone(), program.clone(), ago(session.since), ago(session.unused), left, if_used]
}
