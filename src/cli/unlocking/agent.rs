//! The agent, for the commands that use it: finding it, starting it, ending it. `unlock` and `lock` are files of their own.

use super::context::Context;
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
use vault::vault::{ByAgent, Session, Unproven, Vault};
use vault::{Error, Result};

/// How long agents of these limits live, in words.
pub fn for_how_long(limits: Limits) -> String {
    let shown = |duration: Duration| humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string();
    if limits.idle == limits.total {
        return format!("for {}", shown(limits.total));
    }
    format!("for {}, until {} idle", shown(limits.total), shown(limits.idle))
}

/// Where agents listen, if any can be there.
pub fn sockets_if_any() -> Result<Option<Sockets>> {
    Sockets::find(&settings::state_directory()?)
}

/// The same for who starts one.
pub fn sockets() -> Result<Sockets> {
    Sockets::make(&settings::state_directory()?)
}

/// Where agents listen, if any are wanted and can be; `unlock` says why not.
fn wanted_sockets() -> Option<Sockets> {
    if is_off() { None } else { sockets_if_any().ok().flatten() }
}

/// Whether the user wants no agent.
pub fn is_off() -> bool {
    let value = Variable::Agent.text().unwrap_or_default().to_ascii_lowercase();
    ["off", "0", "no", "false"].contains(&value.as_str())
}

/// Where agents of this vault may listen: that of the user named, else all, the last who used a passphrase here in front.
pub fn sockets_of(sockets: &Sockets, vault: &Vault, named: Option<&UserName>) -> Vec<PathBuf> {
    sockets_by_id(sockets, &vault.id(), named, &|| vault.passphrase_user(None).ok().cloned())
}

fn sockets_by_id(
    sockets: &Sockets,
    id: &Hash,
    named: Option<&UserName>,
    usual: &dyn Fn() -> Option<UserName>,
) -> Vec<PathBuf> {
    // Where no socket can be, no agent is.
    let of_user = |user: &UserName| sockets.of_user(id, user).ok();
    if let Some(user) = named {
        return of_user(user).into_iter().collect();
    }
    let mut all = sockets.of_vault(id);
    if all.len() > 1 {
        let last = usual().as_ref().and_then(of_user);
        all.order_by_key(|socket| Some(socket) != last.as_ref());
    }
    all
}

/// A session by an agent, if one holds keys for this vault; else the file.
pub fn session(context: &Context, file: Unproven) -> Result<ByAgent> {
    let Some(sockets) = wanted_sockets() else { return Ok(ByAgent::Locked(file)) };
    let mut file = file;
    let usual = || file.passphrase_user(None).ok().cloned();
    for socket in sockets_by_id(&sockets, &file.id(), context.user()?.as_ref(), &usual) {
        let Some(client) = Client::connect(&socket)? else { continue };
        match Session::with_agent(file, client)? {
            ByAgent::Unlocked(session) => return Ok(ByAgent::Unlocked(session)),
            ByAgent::Locked(back) => file = back,
        }
    }
    Ok(ByAgent::Locked(file))
}

/// The first agent that holds a user's current keys, for a prompt: its user and its state. It lives no longer for that.
pub fn glance(context: &Context, file: &Unproven) -> Option<(UserName, Status)> {
    let sockets = wanted_sockets()?;
    let usual = || file.passphrase_user(None).ok().cloned();
    let named = context.user().ok()?;
    sockets_by_id(&sockets, &file.id(), named.as_ref(), &usual).iter().find_map(|socket| {
        let status = Client::glance(socket)?;
        Some((file.held_by(&status)?, status))
    })
}

/// Says why no agent is used though one is there, before a passphrase is asked for; ends those whose keys are no user's any
/// more, and says whether there was one.
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

/// After a prompt on a terminal the keys are kept for a while; an agent that has them stays as it is. That this fails
/// matters only to who asked for it.
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

/// Ends the agent of the session's user, if there is one: its keys are not the user's any more.
pub fn end(session: &Session) {
    // It couldn't be used anyway.
    if let Ok(Some(sockets)) = sockets_if_any() {
        let _ = socket(&sockets, session).and_then(|socket| Client::lock(&socket));
    }
}

fn socket(sockets: &Sockets, session: &Session) -> Result<PathBuf> {
    sockets.of_user(&session.vault().id(), session.user())
}

/// Starts an agent with the session's keys, in the place of one that is there.
pub fn start(sockets: &Sockets, session: &Session, limits: Limits, context: &Context) -> Result<()> {
    let handed_over = session.hand_over()?;
    let socket = socket(sockets, session)?;
    session.log(vec![Entry::new(Action::Unlock)])?;
    let _starting = Sockets::starting(&socket)?;
    Client::lock(&socket)?;
    // Another process of the same user could open a pipe by its name in /proc and copy what is in it, as long as the
    // agent has not forbidden that. A socket can't be opened so.
    let (mut keys, theirs) = UnixStream::pair().map_err(|error| cannot(&error))?;
    let mut agent = spawn(sockets, session, limits, theirs.into())?;
    // If this fails the agent says why.
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

/// What an agent's process says when it listens.
pub const READY: &str = "ready\n";

pub fn this_program() -> Result<Command> {
    std::env::current_exe().map(Command::new).map_err(|error| cannot(&error))
}

pub fn cannot(error: &std::io::Error) -> Error {
    Error::failed(format!("the agent can't start: {}", vault::error::reason(error)))
}
