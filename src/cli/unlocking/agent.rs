//! Finds, starts and stops agents for the commands that use them. `unlock` and `lock` have their own files.

use super::context::{Context, First};
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
pub use vault::agent::duration;
use vault::agent::{Client, Limits, Sockets, Status};
use vault::log::{Action, Entry};
use vault::name::UserName;
use vault::ordered::InOrder as _;
use vault::settings::{self, Variable};
use vault::signature::Hash;
use vault::vault::{ByAgent, FirstRead, Session, Unproven, Vault};
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

/// Like [`sockets_if_any`], but returns `None` if agents are turned off or on an error. `unlock` reports the error.
fn wanted_sockets() -> Option<Sockets> {
    if is_off() { None } else { sockets_if_any().ok().flatten() }
}

/// Returns whether VAULT_AGENT turns agents off.
pub fn is_off() -> bool {
    !Variable::Agent.is_on(true)
}

/// Returns the sockets on which agents of this vault may listen. If a user is named, that is this user's socket.
/// Otherwise these are the sockets of all users, and the first is that of the user who last used a passphrase here.
pub fn sockets_of(sockets: &Sockets, vault: &Vault, named: Option<&UserName>) -> Vec<PathBuf> {
    sockets_by_id(sockets, &vault.id(), named, &|| vault.passphrase_user(None).ok().cloned())
}

fn sockets_by_id(
    sockets: &Sockets,
    id: &Hash,
    named: Option<&UserName>,
    last_used: &dyn Fn() -> Option<UserName>,
) -> Vec<PathBuf> {
    // A user without a possible socket has no agent.
    let of_user = |user: &UserName| sockets.of_user(id, user).ok();
    if let Some(user) = named {
        return of_user(user).into_iter().collect();
    }
    let mut all = sockets.of_vault(id);
    if all.len() > 1 {
        let last = last_used().as_ref().and_then(of_user);
        all.order_by_key(|socket| Some(socket) != last.as_ref());
    }
    all
}

/// Opens a session with an agent that holds keys for this vault. Without one, returns the file.
pub fn session(context: &Context, file: Unproven) -> Result<ByAgent> {
    session_reading(context, file, First::Unknown)
}

/// Like [`session`], for a command that reads this environment first. The agent opens it in the same request in which it
/// says whose keys it holds.
pub fn session_reading(context: &Context, file: Unproven, first: First<'_>) -> Result<ByAgent> {
    let Some(sockets) = wanted_sockets() else { return Ok(ByAgent::Locked(file)) };
    let mut file = file;
    let last_used = || file.passphrase_user(None).ok().cloned();
    for socket in sockets_by_id(&sockets, &file.id(), context.user()?.as_ref(), &last_used) {
        let user = sockets.user_of(&socket, &file.id(), file.users()).cloned();
        let first = user.and_then(|user| {
            let environment = context.first_read(&file, &user, first)?;
            Some(FirstRead { user, environment })
        });
        match Session::at_agent(file, (&socket, context.patience()), first.as_ref())? {
            ByAgent::Unlocked(session) => return Ok(ByAgent::Unlocked(session)),
            ByAgent::Locked(back) => file = back,
        }
    }
    Ok(ByAgent::Locked(file))
}

/// Returns the first agent that holds a user's current keys: the user, and the agent's state. This is for a shell
/// prompt, and doesn't count as a use that makes the agent live longer.
pub fn glance(context: &Context, file: &Unproven) -> Option<(UserName, Status)> {
    let sockets = wanted_sockets()?;
    let last_used = || file.passphrase_user(None).ok().cloned();
    let named = context.user().ok()?;
    sockets_by_id(&sockets, &file.id(), named.as_ref(), &last_used).iter().find_map(|socket| {
        let status = Client::glance(socket)?;
        Some((file.held_by(&status)?, status))
    })
}

/// Warns about agents that can't be used because their keys are out of date, and ends them. Call it before asking for a
/// passphrase. Returns whether any agent was ended.
pub fn explain_unused(context: &Context, vault: &Vault) -> Result<bool> {
    let mut has_ended = false;
    let Some(sockets) = wanted_sockets() else { return Ok(has_ended) };
    for socket in sockets_of(&sockets, vault, context.user()?.as_ref()) {
        let Ok(Some(agent)) = Client::connect(&socket) else { continue };
        if let Some(why) = vault.outdated(agent.status()) {
            context.ui.warn(&why);
            if Client::lock(&socket).is_ok() {
                has_ended = true;
            }
        }
    }
    Ok(has_ended)
}

/// Keeps the keys in an agent for a while after a prompt on a terminal. An agent that has the current keys stays as it
/// is. A failure to start is no error here, because the user has not asked for an agent.
pub fn keep(context: &Context, session: &Session) {
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
pub fn end(session: &Session) {
    // If there can be no socket, there is no agent.
    if let Ok(Some(sockets)) = sockets_if_any() {
        let _ = socket(&sockets, session).and_then(|socket| Client::lock(&socket));
    }
}

fn socket(sockets: &Sockets, session: &Session) -> Result<PathBuf> {
    sockets.of_user(&session.vault().id(), session.user())
}

/// Starts an agent with the session's keys. It replaces an agent that is already running.
pub fn start(sockets: &Sockets, session: &Session, limits: Limits, context: &Context) -> Result<()> {
    let handed_over = session.hand_over()?;
    let socket = socket(sockets, session)?;
    session.log(vec![Entry::new(Action::Unlock)])?;
    let _starting = Sockets::starting(&socket)?;
    Client::lock(&socket)?;
    // A socket, not a pipe: until the agent forbids it, another process of the same user could open a pipe by its name
    // in /proc and read the keys. A socket can't be opened that way.
    let (mut keys, theirs) = UnixStream::pair().map_err(|error| cannot(&error))?;
    let mut agent = spawn(sockets, session, limits, theirs.into())?;
    // If this fails, the agent reports why.
    let _ = handed_over.write_to(&mut keys);
    drop(keys);
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
