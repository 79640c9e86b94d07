//! `vault env list`: lists the environments.

use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::name::{EnvironmentName, UserName};
use vault::roster::Right;
use vault::time::Time;
use vault::vault::{Standing, Vault};
use vault::view::Environment;
use vault::words::several;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show only environments whose names contain this
    #[arg(value_hint = clap::ValueHint::Other)]
    part: Option<String>,
    /// Show only environments that this user may read
    #[arg(long, value_name = "USER")]
    reader: Option<UserName>,
    /// Show only environments that this user may write
    #[arg(long, value_name = "USER")]
    writer: Option<UserName>,
    /// Show every name in every column, even on a terminal
    #[arg(long)]
    wide: bool,
}

pub fn list(args: &Args, context: &Context) -> Result<ExitCode> {
    let vault = context.vault()?;
    let standings = vault.standings()?;
    context.show_warnings(&vault);
    let pending = |name| standings.get(name) == Some(&Standing::Pending);
    let names = chosen(args, &vault)?;
    let environments: Vec<Environment> =
        names.into_iter().filter_map(|name| object(&vault, name, pending(name))).collect();
    if context.ui.json {
        context.ui.json(&environments)?;
        return Ok(ExitCode::SUCCESS);
    }
    if environments.is_empty() {
        context.ui.done("No environment matches.");
        return Ok(ExitCode::SUCCESS);
    }
    let is_short = !args.wide && context.ui.width().is_some();
    let now = Time::now();
    let rows: Vec<_> = environments.iter().map(|environment| row(environment, is_short, now)).collect();
    let header = ["NAME", "VERSION", "UPDATED", "BY", "WRITERS", "READERS", "NOTE"];
    if !is_short {
        context.ui.table(&header, &rows)?;
        return Ok(ExitCode::SUCCESS);
    }
    context.ui.fitted_table(&header, &rows, header.len())?;
    let is_shortened = rows.iter().flatten().any(|cell| cell.ends_with(" more"));
    if is_shortened {
        context.ui.hint("every name: vault env list --wide; who reads one: vault user list -e ENV");
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the environments that the options choose.
fn chosen<'a>(args: &Args, vault: &'a Vault) -> Result<Vec<&'a EnvironmentName>> {
    let state = vault.roster().state();
    let holders = [(&args.reader, Right::Read), (&args.writer, Right::Write)];
    for user in holders.iter().filter_map(|(user, _)| user.as_ref()) {
        state.user(user)?;
    }
    let environments = state.environments.iter().filter(|(name, environment)| {
        let is_held = |(user, right): &(&Option<UserName>, Right)| {
            user.as_ref().is_none_or(|user| environment.grants.get(user) >= Some(right))
        };
        args.part.as_ref().is_none_or(|part| name.as_str().contains(&part.to_lowercase()))
            && holders.iter().all(is_held)
    });
    Ok(environments.map(|(name, _)| name).collect())
}

fn row(environment: &Environment, is_short: bool, now: Time) -> Vec<String> {
    let updated = Time::parse(&environment.updated_at).map_or(String::new(), |time| ago(time, now));
    let Environment { name, version, readers, writers, updated_by, pending, .. } = environment;
    let protected = if environment.protected { "protected" } else { "" };
    let note = match (pending, &readers[..], &writers[..]) {
        (_, [], _) => "nobody can read it any more; to remove it: vault env rm",
        (_, _, []) => "nobody can change it any more; to remove it: vault env rm",
        (true, ..) => "pending: somebody lost access; a writer's next save re-encrypts it",
        (false, ..) => protected,
    };
    vec![
        name.clone(),
        version.to_string(),
        updated,
        updated_by.clone(),
        several(writers, is_short),
        several(readers, is_short),
        note.to_owned(),
    ]
}

fn object(vault: &Vault, name: &EnvironmentName, pending: bool) -> Option<Environment> {
    let environment = vault.roster().state().environments.get(name)?;
    let statement = &vault.file().block(name)?.statement;
    let with = |right: Right| {
        let holders = environment.grants.iter().filter(move |(_, held)| **held >= right);
        holders.map(|(user, _)| user.to_string()).collect()
    };
    let added = vault.roster().hash_at(environment.added)?;
    Some(Environment {
        object_id: format!("{added}/{name}"),
        name: name.to_string(),
        version: statement.version,
        items: None,
        readers: with(Right::Read),
        writers: with(Right::Write),
        created_at: environment.added_at.to_string(),
        updated_at: statement.written().to_string(),
        updated_by: statement.author.to_string(),
        protected: environment.is_protected(),
        pending,
    })
}
