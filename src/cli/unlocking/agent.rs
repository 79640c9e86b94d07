//! Finds, starts and stops agents for the commands that use them. `unlock` and `lock` have their own files.

use super::context::Context;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
pub use vault::agent::duration;
use vault::agent::{Client, Limits, Sockets, Status, is_off};
use vault::name::UserName;
use vault::settings;
use vault::vault::{Agents, ByAgent, First, KeySession, Session, Unproven, Vault};
use vault::{Error, Result};

/// Says in words how long an agent with these limits lives.
pub fn for_how_long(limits: Limits) -> String {
    let shown = |duration: Duration| humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string();
    if limits.idle == limits.total {
        return format!("for {}", shown(limits.total));
    }
    format!("for {}, or until unused for {}", shown(limits.total), shown(limits.idle))
}

/// Returns the directory of the agents' sockets, if there can be any agent.
pub fn sockets_if_any() -> Result<Option<Sockets>> {
    Sockets::find(&settings::state_directory()?)
}

/// Returns the directory of the agents' sockets, and creates it if necessary.
pub fn sockets() -> Result<Sockets> {
    Sockets::make(&settings::state_directory()?)
}

/// Returns the agents that this command may ask.
fn agents(context: &Context) -> Result<Agents> {
    Ok(Agents::here(&settings::state_directory()?, context.user()?, context.patience()))
}

/// Opens a session with an agent that holds keys for this vault. Without one, returns the file.
pub fn session(context: &Context, file: Unproven) -> Result<ByAgent> {
    session_reading(context, file, First::Unknown)
}

/// Like [`session`], for a command that reads this environment first.
pub fn session_reading(context: &Context, file: Unproven, first: First<'_>) -> Result<ByAgent> {
    agents(context)?.session(file, |file, user| context.chosen().first_read(first, file, user))
}

/// Returns the first agent that holds a user's current keys, for a shell prompt.
pub fn glance(context: &Context, file: &Unproven) -> Option<(UserName, Status)> {
    agents(context).ok()?.glance(file)
}

/// Warns about agents that can't be used because their keys are out of date, and ends them. Call it before asking for a
/// passphrase. Returns whether any agent was ended.
pub fn explain_unused(context: &Context, vault: &Vault) -> Result<bool> {
    let outdated = agents(context)?.end_outdated(vault, &context.caller());
    outdated.iter().for_each(|agent| context.ui.warn(&agent.why));
    Ok(outdated.iter().any(|agent| agent.has_ended))
}

/// Keeps the keys in an agent for a while after a prompt on a terminal. An agent that has the current keys stays as it
/// is. A failure to start is no error here, because the user has not asked for an agent.
pub fn keep(context: &Context, session: &KeySession) {
    if is_off() {
        return;
    }
    let sockets = match sockets() {
        Ok(sockets) => sockets,
        Err(error) => return context.ui.warn(&format!("the keys are not kept in an agent: {error}")),
    };
    let agent = socket(&sockets, session).and_then(|socket| Client::connect(&socket)).ok().flatten();
    if agent.is_some_and(|agent| session.vault().held_by(agent.status()).is_some()) {
        return;
    }
    let limits = Limits::USUAL;
    if start(&sockets, session, limits, context).is_ok() {
        context.ui.done(&format!("Unlocked {}. `vault lock` ends it.", for_how_long(limits)));
    }
}

/// Ends the agent of the session's user, if there is one, because its keys are out of date.
pub fn end(session: &Session, context: &Context) {
    // If there can be no socket, there is no agent.
    if let Ok(Some(sockets)) = sockets_if_any() {
        let _ = socket(&sockets, session).and_then(|socket| stop(&socket, session, context));
    }
}

fn stop(socket: &Path, session: &Session, context: &Context) -> Result<()> {
    Agents::stop(socket, session.vault().settings(), &context.caller()).map(drop)
}

fn socket(sockets: &Sockets, session: &Session) -> Result<PathBuf> {
    sockets.of_user(&session.vault().id(), session.user())
}

/// Starts an agent with the session's keys. It replaces an agent that is already running.
pub fn start(sockets: &Sockets, session: &KeySession, limits: Limits, context: &Context) -> Result<()> {
    let socket = socket(sockets, session)?;
    let handed_over = session.hand_over()?;
    let _starting = Sockets::starting(&socket)?;
    stop(&socket, session, context)?;
    // A socket, not a pipe: until the agent forbids it, another process of the same user could open a pipe by its name
    // in /proc and read the keys. A socket can't be opened that way.
    let (mut keys, theirs) = UnixStream::pair().map_err(|error| cannot(&error))?;
    let mut agent = spawn(sockets, session, limits, theirs.into())?;
    // If this fails, the agent reports why.
    let _ = handed_over.write_to(&mut keys);
    drop(keys);
    let (mut answer, mut error) = (String::new(), String::new());
    if let Some(mut output) = agent.stdout.take() {
        output.read_to_string(&mut answer).map_err(|error| cannot(&error))?;
    }
    if let Some(mut output) = agent.stderr.take() {
        let _ = output.read_to_string(&mut error);
    }
    let _ = agent.wait();
    if answer == READY {
        error.lines().for_each(|warning| context.ui.warn(warning));
        return Ok(());
    }
    let why = error.lines().next().map_or("it exited at once", |line| line.trim_start_matches("error: "));
    Err(Error::failed(format!("the agent did not start: {why}")))
}

fn spawn(sockets: &Sockets, session: &Session, limits: Limits, input: OwnedFd) -> Result<Child> {
    let seconds = |duration: Duration| format!("{}s", duration.as_secs());
    let mut agent = this_program()?;
    agent.args(["agent-process", "--total", &seconds(limits.total), "--idle", &seconds(limits.idle)]);
    agent.arg(session.vault().path()).current_dir("/");
    agent.env_clear().env("XDG_RUNTIME_DIR", sockets.runtime());
    agent.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
    agent.spawn().map_err(|error| cannot(&error))
}

/// The line that the agent's process prints once it listens.
pub const READY: &str = "ready\n";

pub fn this_program() -> Result<Command> {
    std::env::current_exe().map(Command::new).map_err(|error| cannot(&error))
}

pub fn cannot(error: &std::io::Error) -> Error {
    Error::failed(format!("the agent can't start: {}", vault::error::reason(error)))
}
