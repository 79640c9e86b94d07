//! `vault unlock` and `vault lock`: starting the agent, using it, ending it. The agent is this same program.

use super::context::Context;
use super::hardening;
use rustix::process::{Resource, Rlimit};
use std::io::{Read, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use vault::agent::{Client, Limits, Place, Status};
use vault::error::Kind;
use vault::log::{Action, Entry};
use vault::name::UserName;
use vault::vault::{Session, Vault};
use vault::{Error, Result};

/// Without use, an agent ends after this.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// And after this in any case.
const TOTAL: Duration = Duration::from_secs(60 * 60);

/// Asks for the passphrase once: until the agent ends, commands need none. What changes who may do what asks again.
#[derive(Debug, clap::Args)]
pub struct UnlockArgs {
    /// How long at most, such as 8h; 1 hour if not given
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    total: Option<Duration>,
    /// How long without being used; 15 minutes if not given
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    idle: Option<Duration>,
}

/// Ends the agent of this vault, and with it every copy of the keys.
#[derive(Debug, clap::Args)]
pub struct LockArgs {
    /// The agents of all vaults
    #[arg(long)]
    all: bool,
}

/// The agent's own process.
#[derive(Debug, clap::Args)]
pub struct ProcessArgs {
    #[arg(long, value_parser = duration)]
    total: Duration,
    #[arg(long, value_parser = duration)]
    idle: Duration,
    /// This is the agent itself, and nobody's child
    #[arg(long)]
    detached: bool,
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text).map_err(|_| "for example 8h, 30m or 90s".to_owned())?;
    if duration < Duration::from_secs(1) || duration > Duration::from_secs(30 * 24 * 3600) {
        return Err("from 1 second to 30 days".to_owned());
    }
    Ok(duration)
}

pub fn unlock(args: &UnlockArgs, context: &Context) -> Result<ExitCode> {
    if is_off() {
        return Err(Error::usage("the agent is off (VAULT_AGENT=off)").hint("to have one: unset VAULT_AGENT"));
    }
    let place = place()?;
    let total = args.total.unwrap_or(TOTAL);
    let limits = Limits { total, idle: args.idle.unwrap_or(IDLE).min(total) };
    let session = context.unlock_here(context.vault()?)?;
    start(&place, &session, limits)?;
    let (path, user) = (session.vault().path().display(), session.user());
    context.ui.done(&format!("Unlocked {path} as {user} {}. `vault lock` ends it.", until(limits)));
    Ok(ExitCode::SUCCESS)
}

fn until(limits: Limits) -> String {
    let shown = |duration: Duration| humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string();
    if limits.idle == limits.total {
        return format!("for {}", shown(limits.total));
    }
    format!("for {}, until {} idle", shown(limits.total), shown(limits.idle))
}

pub fn lock(args: &LockArgs, context: &Context) -> Result<ExitCode> {
    let place = place()?;
    let mut ended = 0_usize;
    if args.all {
        for socket in place.sockets() {
            ended += usize::from(Client::lock(&socket)?);
        }
    } else {
        let vault = context.vault_of_any_age().map_err(|error| match error.kind() {
            Kind::NotFound => error.hint("to end the agents of all vaults: vault lock --all"),
            _ => error,
        })?;
        for user in candidates(&vault, context.user()?.as_ref()) {
            if Client::lock(&place.socket(&vault.id(), &user)?)? {
                // Without the keys: an existing segment goes on. It is no use of a value, and nothing depends on it.
                let _ = vault.log_writer(&user).append(vec![Entry::new(Action::Lock)], None);
                ended += 1;
            }
        }
    }
    context.ui.done(if ended == 0 { "Nothing was unlocked." } else { "Locked." });
    Ok(ExitCode::SUCCESS)
}

/// Who an agent may hold keys of: the user named, else everyone, who used a passphrase here last first.
fn candidates(vault: &Vault, named: Option<&UserName>) -> Vec<UserName> {
    if let Some(named) = named {
        return vec![named.clone()];
    }
    let last = vault.passphrase_user(None).ok();
    let others = vault.roster().state().users.keys().filter(|user| Some(*user) != last);
    last.into_iter().chain(others).cloned().collect()
}

/// Where agents listen.
fn place() -> Result<Place> {
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

fn is_off() -> bool {
    std::env::var_os("VAULT_AGENT").is_some_and(|value| value == "off")
}

/// A session by an agent, if one holds keys for this vault; else the vault.
pub fn session(context: &Context, vault: Vault) -> Result<Result<Session, Vault>> {
    let Some(place) = wanted_place() else { return Ok(Err(vault)) };
    let mut vault = vault;
    for user in candidates(&vault, context.user()?.as_ref()) {
        let Some(client) = Client::connect(&place.socket(&vault.id(), &user)?)? else { continue };
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
    if start(&place, session, Limits { total: TOTAL, idle: IDLE }).is_ok() {
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
fn start(place: &Place, session: &Session, limits: Limits) -> Result<()> {
    let identity = session.identity()?;
    let socket = socket(place, session)?;
    session.log(vec![Entry::new(Action::Unlock)])?;
    let _starting = Place::starting(&socket)?;
    Client::lock(&socket)?;
    let seconds = |duration: Duration| format!("{}s", duration.as_secs());
    let mut agent = this_program()?;
    agent.args(["agent-process", "--total", &seconds(limits.total), "--idle", &seconds(limits.idle)]).current_dir("/");
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
        return Ok(());
    }
    let why = error.lines().next().map_or("it ended at once", |line| line.trim_start_matches("error: "));
    Err(Error::failed(format!("the agent did not start: {why}")))
}

const READY: &str = "ready\n";

fn this_program() -> Result<Command> {
    std::env::current_exe().map(Command::new).map_err(|error| cannot(&error))
}

fn cannot(error: &std::io::Error) -> Error {
    Error::failed(format!("the agent can't start: {}", vault::error::reason(error)))
}

/// The agent's process: of no session and no terminal, with no descriptor, directory or variable of who started it.
pub fn process(args: &ProcessArgs) -> Result<ExitCode> {
    hardening::close_inherited();
    if !args.detached {
        // The program that starts it may become a command, which must not find a child that it never had.
        let mut agent = this_program()?;
        agent.args(std::env::args_os().skip(1)).arg("--detached");
        agent.spawn().map_err(|error| cannot(&error))?;
        return Ok(ExitCode::SUCCESS);
    }
    // Fails only for who leads a group already, which a child just started does not.
    let _ = rustix::process::setsid();
    #[cfg(target_os = "macos")]
    hardening::deny_debuggers();
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(Resource::Core, none);
    let limits = Limits { total: args.total, idle: args.idle };
    vault::agent::serve(&place()?, Standard, limits, detach)?;
    Ok(ExitCode::SUCCESS)
}

/// Tells the starter that it may go on, and lets go of its pipes.
fn detach() {
    let _ = rustix::io::write(rustix::stdio::stdout(), READY.as_bytes());
    if let Ok(null) = std::fs::File::options().read(true).write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdin(&null);
        let _ = rustix::stdio::dup2_stdout(&null);
        let _ = rustix::stdio::dup2_stderr(&null);
    }
}

/// Standard input without a buffer, which would be a copy of the keys.
struct Standard;

impl Read for Standard {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        Ok(rustix::io::read(rustix::stdio::stdin(), buffer)?)
    }
}

/// What is known of the agent of a session.
pub fn status(session: &Session) -> Option<&Status> {
    session.agent().map(Client::status)
}
