//! The agent, for the commands that use it: finding it, starting it, ending it. `unlock` and `lock` are files of their own.

pub mod list;
pub mod process;

use super::context::Context;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use vault::agent::{Client, Limits, Place, Status};
use vault::log::{Action, Entry};
use vault::name::UserName;
use vault::vault::{Session, Vault};
use vault::{Error, Result};

/// Without use, an agent ends after this.
pub const IDLE: Duration = Duration::from_secs(15 * 60);
/// And after this in any case.
pub const TOTAL: Duration = Duration::from_secs(60 * 60);

/// What `--for` and `--idle` take.
pub fn duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| "for example 8h, 30m or 90s".to_owned())?;
    if duration < Duration::from_secs(1) || duration > Duration::from_secs(30 * 24 * 3600) {
        return Err("from 1 second to 30 days".to_owned());
    }
    Ok(duration)
}

/// Who an agent may hold keys of: the user named, else everyone, who used a passphrase here last first.
pub fn candidates(vault: &Vault, named: Option<&UserName>) -> Vec<UserName> {
    if let Some(named) = named {
        return vec![named.clone()];
    }
    let last = vault.passphrase_user(None).ok();
    let others = vault.roster().state().users.keys().filter(|user| Some(*user) != last);
    last.into_iter().chain(others).cloned().collect()
}

/// Where agents listen.
pub fn place() -> Result<Place> {
    let named = std::env::var_os("XDG_RUNTIME_DIR").filter(|path| !path.is_empty()).map(PathBuf::from);
    // macOS has no such variable, and a temporary directory for each user instead.
    let runtime = named.or_else(|| cfg!(target_os = "macos").then(std::env::temp_dir));
    let runtime = runtime.ok_or_else(|| {
        Error::failed("there is no runtime directory for the agent's socket (XDG_RUNTIME_DIR)")
            .hint("in containers and CI use a key: VAULT_KEY or VAULT_KEY_FILE")
    })?;
    Place::new(&runtime)
}

/// Where agents listen, if any are wanted and there is such a place; `unlock` says why not.
fn wanted_place() -> Option<Place> {
    if is_off() { None } else { place().ok() }
}

pub fn is_off() -> bool {
    std::env::var_os("VAULT_AGENT").is_some_and(|value| value == "off")
}

/// A session by an agent, if one holds keys for this vault; else the vault.
pub fn session(context: &Context, vault: Vault) -> Result<Result<Session, Vault>> {
    let Some(place) = wanted_place() else { return Ok(Err(vault)) };
    let mut vault = vault;
    for user in candidates(&vault, context.user()?.as_ref()) {
        // Where no socket can be, no agent is.
        let Ok(socket) = place.socket(&vault.id(), &user) else { continue };
        let Some(client) = Client::connect(&socket)? else { continue };
        match Session::with_agent(vault, client)? {
            Ok(session) => return Ok(Ok(session)),
            Err(back) => vault = *back,
        }
    }
    Ok(Err(vault))
}

/// After a prompt on a terminal the keys are kept for a while; an agent that has them stays as it is. That this fails
/// matters only to who asked for it.
pub fn keep(context: &Context, session: &Session) {
    let Some(place) = wanted_place() else { return };
    let agent = socket(&place, session).and_then(|socket| Client::connect(&socket)).ok().flatten();
    if agent.is_some_and(|agent| session.vault().held_by(&agent).is_some()) {
        return;
    }
    if start(&place, session, Limits { total: TOTAL, idle: IDLE }, context).is_ok() {
        context.ui.done("Unlocked until 15 minutes idle. `vault lock` ends it.");
    }
}

/// Ends the agent of the session's user, if there is one: its keys are not the user's any more.
pub fn end(session: &Session) {
    // It couldn't be used anyway.
    let _ = place().and_then(|place| socket(&place, session)).and_then(|socket| Client::lock(&socket));
}

fn socket(place: &Place, session: &Session) -> Result<PathBuf> {
    place.socket(&session.vault().id(), session.user())
}

/// Starts an agent with the session's keys, in the place of one that is there.
pub fn start(place: &Place, session: &Session, limits: Limits, context: &Context) -> Result<()> {
    let identity = session.identity()?;
    let socket = socket(place, session)?;
    session.log(vec![Entry::new(Action::Unlock)])?;
    let _starting = Place::starting(&socket)?;
    Client::lock(&socket)?;
    let seconds = |duration: Duration| format!("{}s", duration.as_secs());
    let mut agent = this_program()?;
    agent.args(["agent-process", "--total", &seconds(limits.total), "--idle", &seconds(limits.idle)]);
    agent.arg(session.vault().path()).current_dir("/");
    agent.env_clear().env("XDG_RUNTIME_DIR", place.runtime());
    agent.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut agent = agent.spawn().map_err(|error| cannot(&error))?;
    if let Some(mut keys) = agent.stdin.take() {
        // If this fails the agent says why.
        let _ = keys.write_all(identity.to_text().as_bytes());
    }
    let (mut said, mut error) = (String::new(), String::new());
    if let Some(mut output) = agent.stdout.take() {
        output.read_to_string(&mut said).map_err(|error| cannot(&error))?;
    }
    if let Some(mut output) = agent.stderr.take() {
        let _ = output.read_to_string(&mut error);
    }
    let _ = agent.wait();
    if said == READY {
        error.lines().for_each(|warning| context.ui.warn(warning));
        return Ok(());
    }
    let why = error.lines().next().map_or("it ended at once", |line| line.trim_start_matches("error: "));
    Err(Error::failed(format!("the agent did not start: {why}")))
}

/// What an agent's process says when it listens.
const READY: &str = "ready\n";

fn this_program() -> Result<Command> {
    std::env::current_exe().map(Command::new).map_err(|error| cannot(&error))
}

fn cannot(error: &std::io::Error) -> Error {
    Error::failed(format!("the agent can't start: {}", vault::error::reason(error)))
}

/// What is known of the agent of a session.
pub fn status(session: &Session) -> Option<&Status> {
    session.agent().map(Client::status)
}
