//! Checks the agent: whether one can run, holds current keys and answers, and until when it does.

use super::Finding;
use crate::agent::{Client, Sockets, Status};
use crate::error::{Remedy, Result};
use crate::time::Time;
use crate::vault::Vault;
use chrono::{Local, TimeDelta};

const CHECK: &str = "agent";

/// What this run knows about agents.
pub enum Agents {
    /// No agent is asked, because a key or passphrase was given in the setting with this name.
    NotAsked(&'static str),
    /// VAULT_AGENT is off.
    Off,
    /// The sockets of the agents; `None` if no agent was started yet.
    At(Result<Option<Sockets>>),
}

/// Checks the agents of a vault.
#[must_use]
pub fn agent(agents: &Agents, vault: &Vault, now: Time) -> Vec<Finding> {
    let sockets = match agents {
        Agents::NotAsked(source) => return vec![Finding::ok(CHECK, CHECK, format!("none is needed: {source} is set"))],
        Agents::Off => {
            return vec![Finding::ok(CHECK, CHECK, "off by your settings: each command asks for the passphrase")];
        }
        Agents::At(Err(error)) => return vec![Finding::of_error(CHECK, CHECK, error)],
        Agents::At(Ok(None)) => return vec![locked()],
        Agents::At(Ok(Some(sockets))) => sockets,
    };
    let mut findings: Vec<Finding> = sockets
        .of_vault(&vault.id())
        .iter()
        .filter_map(|socket| of_socket(Client::connect(socket), vault, now))
        .collect();
    if findings.is_empty() {
        findings.push(locked());
    }
    findings
}

fn locked() -> Finding {
    Finding::note(CHECK, CHECK, "locked").command(Remedy::Unlock)
}

fn of_socket(client: Result<Option<Client>>, vault: &Vault, now: Time) -> Option<Finding> {
    let client = match client {
        Ok(client) => client?,
        Err(error) => return Some(Finding::of_error(CHECK, CHECK, &error)),
    };
    let status = client.status();
    if let Some(why) = vault.outdated(status) {
        return Some(Finding::fix(CHECK, CHECK, why).command(Remedy::Lock));
    }
    if vault.held_by(status).is_none() {
        let what = format!("it holds keys of {} that are newer than this file", status.user);
        return Some(Finding::note(CHECK, CHECK, what));
    }
    Some(Finding::ok(CHECK, CHECK, times(status, now)))
}

/// Formats the time limits: `mia is unlocked until 18:30, or until 22:00 if used`.
fn times(status: &Status, now: Time) -> String {
    let user = &status.user;
    let (idle, end) = (clock(now, status.idle_in.min(status.ends_in)), clock(now, status.ends_in));
    if idle == end {
        return format!("{user} is unlocked until {end}");
    }
    format!("{user} is unlocked until {idle}, or until {end} if used")
}

/// Formats a time in local time, with the date unless it is today.
fn clock(now: Time, milliseconds: u64) -> String {
    let ahead = i64::try_from(milliseconds).ok().and_then(TimeDelta::try_milliseconds).unwrap_or_default();
    let (now, then) = (now.utc().with_timezone(&Local), (now.utc() + ahead).with_timezone(&Local));
    let form = if now.date_naive() == then.date_naive() { "%R" } else { "%F %R" };
    then.format(form).to_string()
}
