//! Finds and starts agents for the commands that use them. `unlock` and `lock` have their own files.

use super::context::Context;
use std::time::Duration;
use vault::Result;
pub use vault::agent::duration;
use vault::agent::{Limits, Program, Sockets, Status, is_off};
use vault::name::UserName;
use vault::settings;
use vault::vault::{Agents, ByAgent, First, KeySession, Unproven, Vault};

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
    let first = |file: &Unproven, user: &UserName| context.chosen().first_read(first, file, user);
    agents(context)?.session(file, first, &context.caller())
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
    if session.is_kept(&sockets) {
        return;
    }
    let limits = Limits::USUAL;
    if start(&sockets, session, limits, context).is_ok() {
        context.ui.done(&format!("Unlocked {}. `vault lock` ends it.", for_how_long(limits)));
    }
}

/// Starts an agent with the session's keys. It replaces an agent that is already running.
pub fn start(sockets: &Sockets, session: &KeySession, limits: Limits, context: &Context) -> Result<()> {
    let program = Program::this(["agent-process"])?;
    let warnings = session.start_agent(&program, sockets, limits, &context.caller())?;
    warnings.iter().for_each(|warning| context.ui.warn(warning));
    Ok(())
}
