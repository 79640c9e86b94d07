//! `vault env list`: lists the environments.

use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::name::UserName;
use vault::roster::EnvironmentSearch;
use vault::time::Time;
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
    let saves = vault.last_saves()?;
    context.show_warnings(&vault);
    let Args { part, reader, writer, .. } = args;
    let search = EnvironmentSearch { part: part.as_deref(), reader: reader.as_ref(), writer: writer.as_ref() };
    let names = vault.roster().state().find_environments(&search)?;
    let saves = names.into_iter().filter_map(|name| saves.get(name).copied());
    let environments: Vec<Environment> = saves.filter_map(|save| Environment::new(&vault, save)).collect();
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
