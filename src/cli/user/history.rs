//! `vault user history`: the roster's signed changes.

use crate::cli::context::Context;
use crate::cli::object::RosterChange;
use std::process::ExitCode;
use vault::Result;
use vault::name::{EnvironmentName, UserName};
use vault::roster::{Change, Right, Role, Roster, Statement};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only what this user did or what was done about them
    name: Option<UserName>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let vault = context.vault_with_whole_roster()?;
    let roster = vault.roster();
    let about = |change: &RosterChange| {
        let name = args.name.as_ref().map(UserName::as_str);
        name.is_none_or(|name| change.author == name || change.username.as_deref() == Some(name))
    };
    let all = roster.statements().iter().map(|statement| object(roster, statement));
    let changes: Vec<RosterChange> = all.filter(about).collect();
    if let (Some(name), true) = (&args.name, changes.is_empty()) {
        roster.state().user(name)?;
    }
    if context.ui.json {
        context.ui.json(&changes)?;
        return Ok(ExitCode::SUCCESS);
    }
    let row = |change: &RosterChange| {
        vec![change.version.to_string(), change.created_at.clone(), change.author.clone(), change.description.clone()]
    };
    let rows: Vec<_> = changes.iter().map(row).collect();
    context.ui.table(&["CHANGE", "TIME", "BY", "WHAT"], &rows)?;
    Ok(ExitCode::SUCCESS)
}

fn object(roster: &Roster, statement: &Statement) -> RosterChange {
    let draft = &statement.draft;
    let (user, description) = describe(&draft.change, &draft.author);
    RosterChange {
        object_id: roster.hash_at(statement.version).map(|hash| hash.to_string()).unwrap_or_default(),
        version: statement.version,
        author: draft.author.to_string(),
        created_at: draft.happened().to_string(),
        change: draft.change.word(),
        username: user.map(ToString::to_string),
        description,
    }
}

/// Whom a change is about, and what it says.
fn describe<'a>(change: &'a Change, author: &'a UserName) -> (Option<&'a UserName>, String) {
    match change {
        Change::Create { .. } => (Some(author), format!("created the vault, with {author} as admin")),
        Change::AddUser { user, role, grants, .. } => {
            let role = if *role == Role::Admin { " as admin" } else { "" };
            let rights = rights(grants);
            let with = if rights.is_empty() { String::new() } else { format!(": {rights}") };
            (Some(user), format!("added {user}{role}{with}"))
        }
        Change::RemoveUser { user } => (Some(user), format!("removed {user}")),
        Change::SetRole { user, role } => (Some(user), format!("made {user} {role}")),
        Change::ReplaceKeys { .. } => (Some(author), "replaced their own keys".to_owned()),
        Change::AddEnvironment { environment, grants } => {
            (None, format!("added environment {environment}: {}", rights(grants)))
        }
        Change::RemoveEnvironment { environment } => (None, format!("removed environment {environment}")),
        Change::Grant { user, grants } => (Some(user), format!("granted {user} {}", rights(grants))),
        Change::Revoke { user, environments } => {
            let names: Vec<_> = environments.iter().map(EnvironmentName::as_str).collect();
            (Some(user), format!("revoked all rights of {user} on {}", names.join(", ")))
        }
    }
}

fn rights<N: std::fmt::Display>(grants: &[(N, Right)]) -> String {
    grants.iter().map(|(name, right)| format!("{name}:{right}")).collect::<Vec<_>>().join(" ")
}
