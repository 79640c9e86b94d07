//! `vault status`, and `vault` without a command: shows the current vault.

pub mod agents;
mod elsewhere;
mod short;

use crate::cli::generated::examples;
use crate::cli::options::moment;
use crate::cli::showing::git;
use crate::cli::showing::remedies::hint_of;
use crate::cli::showing::words::shown_path;
use crate::cli::unlocking::agent::{self, sockets_if_any};
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::credential::{self, Source};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use vault::Result;
use vault::error::Kind;
use vault::item::{ANNOUNCED, DueWindow};
use vault::roster::{LAST_BY_MEMBERS, LAST_THAT_GIVES, MAX_CHANGES, NEARLY_FULL};
use vault::serving;
use vault::time::Time;
use vault::vault::{ByAgent, Need, Session, Vault};
use vault::view::{AgentStatus, EnvironmentStatus, Pin, Status, exit_code};
use vault::words::{plural, roughly, typed, within};

/// Shows which vault this is, what is in it and what is due. It never prompts: if the vault is locked and no key is
/// given, it shows what anybody can see in the file.
#[derive(Debug, Default, clap::Args)]
#[command(after_long_help = examples! {
    "vault status" => "Show which vault this is, and what is due",
    "vault status --short" => "Print a few words for a prompt",
})]
pub struct Args {
    /// Print the value for VAULT_PIN: a machine that has it, such as CI, accepts no older file
    #[arg(long)]
    pin: bool,
    /// Show every vault and user that is unlocked, wherever the vault is
    #[arg(long, conflicts_with = "pin")]
    all: bool,
    /// Count what will be due within this time, such as 14d (default 7d)
    #[arg(long, value_name = "DURATION", value_parser = moment::ahead, conflicts_with_all = ["pin", "all"])]
    within: Option<Duration>,
    /// Print a few words for a prompt or a status line, such as: dev unlocked 14m. Outside a vault it prints nothing.
    /// The exit code is always 0
    #[arg(long, conflicts_with_all = ["pin", "all", "within", "json"])]
    short: bool,
}

impl Args {
    /// Returns whether the output is for a shell prompt, which nothing may delay.
    pub fn is_short(&self) -> bool {
        self.short
    }
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.short {
        return short::run(context);
    }
    if args.all {
        return agents::run(context);
    }
    if args.pin {
        let pin = context.vault()?.pin()?.to_string();
        match context.ui.json {
            true => context.ui.json(&Pin { pin })?,
            false => context.ui.line(&pin)?,
        }
        return Ok(ExitCode::SUCCESS);
    }
    let within = args.within.unwrap_or(ANNOUNCED);
    let window = DueWindow::new(Time::now(), within);
    let seen = see(context)?;
    let status = match &seen {
        Seen::Unlocked(session) => match Status::unlocked(session, served(session.vault()), window) {
            // The agent has just ended.
            Err(error) if error.kind() == Kind::Unlock && session.agent().is_some() => locked(session.vault())?,
            status => status?,
        },
        Seen::Locked(vault) => locked(vault)?,
    };
    context.show_warnings(seen.vault());
    if context.ui.json {
        context.ui.json(&status)?;
    } else {
        print(&status, within, context)?;
    }
    if status.agent.is_some() {
        agents::note_temporary(sockets_if_any()?.as_ref(), context);
    }
    warn_of_full_roster(status.roster_version, context);
    git::status_hint(Path::new(&status.path)).iter().for_each(|hint| context.ui.hint(hint));
    Ok(ExitCode::SUCCESS)
}

/// Warns if the roster is nearly full. It never gets shorter, but there is still time to create a new vault.
fn warn_of_full_roster(changes: u32, context: &Context) {
    if changes < NEARLY_FULL {
        return;
    }
    context.ui.warn(&format!("the roster has {changes} of at most {MAX_CHANGES} changes"));
    context.ui.hint(&format!(
        "beyond {LAST_BY_MEMBERS} only admins can change it, beyond {LAST_THAT_GIVES} only to take rights away or \
         replace keys; a new vault has room again: vault init, then vault export and vault import"
    ));
}

/// The vault, unlocked if that takes no prompt.
enum Seen {
    Unlocked(Box<Session>),
    Locked(Box<Vault>),
}

impl Seen {
    fn unlocked(session: Session) -> Self {
        Self::Unlocked(Box::new(session))
    }

    fn locked(vault: Vault) -> Self {
        Self::Locked(Box::new(vault))
    }

    fn vault(&self) -> &Vault {
        match self {
            Self::Unlocked(session) => session.vault(),
            Self::Locked(vault) => vault,
        }
    }
}

/// Opens the vault. A user who was removed is told so, and sees what everybody can see.
fn see(context: &Context) -> Result<Seen> {
    let vault = context.vault()?;
    let source = credential::source(&context.globals)?;
    if !source.is_terminal() {
        return without_agent(vault, &source, context);
    }
    match agent::session(context, vault.into()) {
        Ok(ByAgent::Unlocked(session)) => Ok(Seen::unlocked(session)),
        Ok(ByAgent::Locked(file)) => without_agent(file.prove_of_any_age()?, &source, context),
        Err(error) if error.kind() == Kind::Unlock => {
            context.ui.warn(&error.to_string());
            context.vault().map(Seen::locked)
        }
        Err(error) => Err(error),
    }
}

/// Shows the vault with the credential that is given, or as what everybody can see.
fn without_agent(vault: Vault, source: &Source, context: &Context) -> Result<Seen> {
    let named = context.user()?;
    if let Err(unfinished) = vault.check_joined(named.as_ref(), source.kind()) {
        context.ui.warn(&unfinished.to_string());
        hint_of(&unfinished).iter().for_each(|hint| context.ui.hint(hint));
        return Ok(Seen::locked(vault));
    }
    let user = named.clone().or_else(|| vault.last_user().filter(|_| !source.is_key()));
    let removed = user.and_then(|user| vault.removal(&user));
    if source.is_terminal() {
        named.map_or(Ok(()), |named| vault.check_known(&named))?;
        if !agent::explain_unused(context, &vault)? {
            removed.iter().for_each(|removed| context.ui.warn(removed));
        }
        return Ok(Seen::locked(vault));
    }
    match (context.unlock(vault, Need::Session), removed) {
        (Err(error), Some(removed)) if matches!(error.kind(), Kind::Unlock | Kind::Usage) => {
            context.ui.warn(&removed);
            context.vault().map(Seen::locked)
        }
        (unlocked, _) => unlocked.map(|session| Seen::unlocked(session.into())),
    }
}

/// Runs `vault` without a command: shows the status, or how to begin.
pub fn bare(context: &Context) -> Result<ExitCode> {
    match run(&Args::default(), context) {
        Err(error) if error.kind() == Kind::NotFound && context.named_path()?.is_none() => {
            context.ui.line("There is no vault here yet.")?;
            context.ui.hint(
                "to create one: vault init; from a .env file: vault init --import .env; all commands: vault --help",
            );
            Ok(ExitCode::from(exit_code(Kind::NotFound)))
        }
        result => result,
    }
}

fn locked(vault: &Vault) -> Result<Status> {
    Status::locked(vault, served(vault))
}

/// Returns the addresses of the servers that this user runs for the vault.
fn served(vault: &Vault) -> Vec<String> {
    let Ok(Some(sockets)) = sockets_if_any() else { return Vec::new() };
    serving::of_vault(&sockets, &vault.id()).into_iter().map(|server| server.address).collect()
}

/// Prints a line such as `./secrets.vault · dev (15), prod (1) · unlocked as mia · nothing due`.
fn print(status: &Status, ahead: Duration, context: &Context) -> Result<()> {
    let environments: Vec<String> = status
        .environments
        .iter()
        .map(|environment| match environment.items {
            Some(items) => format!("{} ({items})", environment.name),
            None => environment.name.clone(),
        })
        .collect();
    let mut parts = vec![shown_path(Path::new(&status.path)), environments.join(", ")];
    match &status.user {
        Some(user) => parts.push(format!("unlocked as {user}{}", left(status.agent.as_ref()))),
        None => parts.push("locked".to_owned()),
    }
    let named = |is_so: fn(&EnvironmentStatus) -> bool, words: &str| {
        let chosen = status.environments.iter().filter(|environment| is_so(environment));
        let names: Vec<_> = chosen.map(|environment| environment.name.as_str()).collect();
        (!names.is_empty()).then(|| format!("{} {words}", names.join(", ")))
    };
    parts.extend(named(|environment| environment.protected, "protected"));
    parts.extend(named(|environment| environment.pending, "pending (vault env list)"));
    for environment in status.environments.iter().filter(|environment| !environment.old_keys_of.is_empty()) {
        let EnvironmentStatus { name, old_keys_of, .. } = environment;
        let users = old_keys_of.join(", ");
        parts.push(format!("{name} encrypted to old keys of {users} until a writer saves it"));
    }
    parts.extend(elsewhere::texts(&status.elsewhere));
    parts.extend(status.served.iter().map(|address| format!("served at {address}")));
    for user in &status.renewing {
        parts.push(format!("{user} has an old and a new key (vault user renew {user} --finish)"));
    }
    if status.drafts > 0 {
        parts.push(format!("{} not saved (vault edit --resume)", plural(status.drafts, "draft")));
    }
    parts.extend(status.due.map(|due| due_text(due, status.due_soon.unwrap_or_default(), ahead)));
    context.ui.line(&parts.join(" · "))
}

fn due_text(due: usize, soon: usize, ahead: Duration) -> String {
    let list = match ahead {
        ANNOUNCED => "vault list --due".to_owned(),
        ahead => format!("vault list --due --within {}", typed(ahead)),
    };
    let ahead = within(ahead);
    match (due, soon) {
        (0, 0) => "nothing due".to_owned(),
        (0, soon) => format!("{} due {ahead} ({list})", plural(soon, "item")),
        (due, 0) => format!("{} due ({list})", plural(due, "item")),
        (due, soon) => format!("{} due, {soon} more {ahead} ({list})", plural(due, "item")),
    }
}

/// Says how long the vault stays unlocked, and by which process: `, 15 min left (8 h if used; agent 4711)`
fn left(agent: Option<&AgentStatus>) -> String {
    let Some(AgentStatus { left, left_if_used, pid, .. }) = agent else { return String::new() };
    let used = if left == left_if_used { String::new() } else { format!("{} if used; ", roughly(*left_if_used)) };
    format!(", {} left ({used}agent {pid})", roughly(*left))
}
