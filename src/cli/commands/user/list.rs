//! `vault user list`: lists the users.

use crate::cli::options::moment;
use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::roster::{Right, Role, Roster, State, UserSearch};
use vault::time::Time;
use vault::view::User;
use vault::words::several;
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show only users whose names contain this
    #[arg(value_hint = clap::ValueHint::Other)]
    part: Option<String>,
    /// Show only admins, or only members
    #[arg(long)]
    role: Option<Role>,
    /// Show only users who have this right on an environment named with -e, or without -e on any environment
    #[arg(long)]
    right: Option<Right>,
    /// Show users and rights as of this time: 2026-11-23 (the whole day), "2026-11-23 08:30" or 7d, in local time
    ///
    /// Computed from the roster's signed changes. Nobody can change their order. Their times come from their authors'
    /// clocks.
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,
    /// Show every column and every name in it, even on a terminal
    #[arg(long)]
    wide: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let vault = context.vault()?;
    let roster = vault.whole_roster()?;
    let then = args.at.as_deref().map(|at| as_of(at, roster, context)).transpose()?;
    let state = then.as_ref().unwrap_or(roster.state());
    let Args { part, role, right, .. } = args;
    let environments = context.named_environments();
    let names = state.find_users(&UserSearch { part: part.as_deref(), role: *role, right: *right, environments })?;
    let user = |name| if then.is_some() { User::as_of(state, name) } else { User::new(&vault, name) };
    let users: Vec<User> = names.into_iter().map(user).collect::<Result<_>>()?;
    if context.ui.json {
        context.ui.json(&users)?;
        return Ok(ExitCode::SUCCESS);
    }
    if users.is_empty() {
        context.ui.done("No user matches.");
        return Ok(ExitCode::SUCCESS);
    }
    let is_short = !args.wide && context.ui.width().is_some();
    let now = Time::now();
    let shown = |user| if then.is_some() { row_of_then(user, is_short, now) } else { row(user, is_short, now) };
    let rows: Vec<_> = users.iter().map(shown).collect();
    let header = ["NAME", "ROLE", "RIGHTS", "NOTE", "UNLOCKS WITH", "ADDED", "BY", "EMAIL"];
    if !is_short {
        context.ui.table(&header, &rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    let left_out = context.ui.fitted_table(&header, &rows, 3)?;
    let is_shortened = users.iter().any(|user| user.short_rights() != user.rights());
    if is_shortened || !left_out.is_empty() {
        context.ui.hint("every column and name: vault user list --wide");
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the roster's state at a time. Says after which change that was, and which changes have dates that can't be
/// right.
fn as_of(at: &str, roster: &Roster, context: &Context) -> Result<State> {
    let time = moment::at(at)?;
    let Some(version) = roster.version_as_of(time) else {
        let begun = roster.statements()[0].draft.happened();
        return Err(Error::not_found(format!("there was no vault at {time}: it was created at {begun}"))
            .hint("give --at a later time"));
    };
    let last = &roster.statements()[version as usize - 1].draft;
    let (by, made) = (&last.author, last.happened());
    context.ui.done(&format!(
        "As of {time}, after change {version}, by {by} at {made}. Times are as the authors' clocks reported them."
    ));
    let misdated: Vec<String> = roster.misdated(version, time).iter().map(ToString::to_string).collect();
    if !misdated.is_empty() {
        context.ui.warn(&format!(
            "dated later, but made before change {version}, so counted: {}",
            several(&misdated, context.ui.width().is_some())
        ));
        context.ui.hint("a clock was wrong; all changes and their authors: vault user history");
    }
    roster.state_at(version)
}

fn row(user: &User, is_short: bool, now: Time) -> Vec<String> {
    let since = Time::parse(&user.created_at).map_or(String::new(), |time| ago(time, now));
    let note = match &user.issued_by {
        Some(_) if user.slots.is_empty() => "has not joined yet".to_owned(),
        Some(by) => format!("key printed by {by}"),
        None => String::new(),
    };
    vec![
        user.username.clone(),
        user.role.to_owned(),
        if is_short { user.short_rights() } else { user.rights() },
        note,
        unlocks_with(&user.slots),
        since,
        user.added_by.clone(),
        user.email.clone().unwrap_or_default(),
    ]
}

/// Returns the row for an earlier time. Slots and keys of that time are not known.
fn row_of_then(user: &User, is_short: bool, now: Time) -> Vec<String> {
    let mut row = row(user, is_short, now);
    (row[3], row[4]) = (String::new(), String::new());
    row
}

/// Says what unlocks a user's keys: `passphrase, 2 keys`.
fn unlocks_with(slots: &[&str]) -> String {
    let keys = slots.iter().filter(|kind| **kind == "key").count();
    let passphrase = slots.contains(&"passphrase").then(|| "passphrase".to_owned());
    let keys = match keys {
        0 => None,
        1 => Some("key".to_owned()),
        several => Some(format!("{several} keys")),
    };
    let parts: Vec<String> = [passphrase, keys].into_iter().flatten().collect();
    if parts.is_empty() { "nothing yet".to_owned() } else { parts.join(", ") }
}
