//! `vault log show`: the entries of one log, or of several together.

use super::{Filter, days, export, follow, missing};
use crate::cli::options::moment;
use crate::cli::showing::table::Yielding;
use crate::cli::unlocking::context::Context;
use chrono::Local;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::log::{Archived, Extent, Line, Logs, Query, Reach};
use vault::time::Time;
use vault::vault::Session;
use vault::view::AccessLog;
use vault::words::plural;
use vault::{Error, Result};

pub fn run(filter: &Filter, files: &[PathBuf], is_followed: bool, context: &Context) -> Result<ExitCode> {
    let query = query(filter, context)?;
    if is_followed {
        return match files {
            [] => follow::run(filter, &query, context),
            _ => Err(Error::usage("--follow takes no FILE: nothing is added to an exported log")
                .hint("without FILE it follows your log on this device")),
        };
    }
    let session = context.session()?;
    let (logs, archived) = read(filter, files, &query, &session, context)?;
    let lines = select(&logs, &query, filter);
    if context.ui.json {
        lines.iter().try_for_each(|line| context.ui.json(&AccessLog::new(line)))?;
    } else {
        print(&lines, logs.iter().count() > 1, context)?;
        if files.is_empty() {
            tell_archived(archived, context);
            tell_failed_unlocks(&session, context)?;
        }
    }
    if filter.whose.all_users {
        missing::tell_gaps(&logs, context);
        missing::tell_unheard(&logs, &query, &session, context)?;
    }
    damage(&logs).map(|()| ExitCode::SUCCESS)
}

/// An error, if anything is wrong with any of the logs.
pub fn damage(logs: &Logs) -> Result<()> {
    let damaged = logs.iter().find_map(|log| Some((log, log.problem()?)));
    match damaged {
        None => Ok(()),
        Some((log, problem)) => {
            Err(Error::integrity(format!("{}'s log: {problem}", log.user)).hint("vault log verify says more"))
        }
    }
}

/// The entries that are asked for.
pub fn select<'a>(logs: &'a Logs, query: &Query, filter: &Filter) -> Vec<&'a Line> {
    let mut lines = logs.select(query);
    lines.drain(..lines.len().saturating_sub(filter.last.unwrap_or(usize::MAX)));
    lines
}

pub fn query(filter: &Filter, context: &Context) -> Result<Query> {
    Ok(Query {
        since: filter.since.as_deref().map(moment::since).transpose()?,
        until: filter.until.as_deref().map(moment::until).transpose()?,
        subject: filter.item.clone(),
        action: filter.action,
        environments: context.named_environments().to_vec(),
    })
}

/// The logs that are asked for; and of a single one on this device, what of it was archived.
pub fn read(
    filter: &Filter,
    files: &[PathBuf],
    query: &Query,
    session: &Session,
    context: &Context,
) -> Result<(Logs, Option<Archived>)> {
    let is_one = files.len() + usize::from(filter.whose.all_users) < 2;
    let extent = match filter.last {
        Some(count) if is_one && query.is_empty() => Extent::Last(count),
        _ => Extent::Whole,
    };
    let (mut logs, archived) = match files.is_empty() || filter.whose.all_users {
        true => read_here(filter, extent, session)?,
        false => (Logs::default(), None),
    };
    let mut headings = Vec::new();
    for file in files {
        let exported = export::read(file, session, extent)?;
        headings.push(export::heading(&exported));
        logs.add_exported(exported);
    }
    context.show_warnings(session.vault());
    headings.iter().for_each(|heading| context.ui.done(heading));
    Ok((logs, archived))
}

/// The logs on this device that are asked for; and of a single one, what of it was archived.
pub fn read_here(filter: &Filter, extent: Extent, session: &Session) -> Result<(Logs, Option<Archived>)> {
    if filter.whose.all_users {
        return Ok((session.logs_here()?, None));
    }
    let user = filter.whose.of.as_ref().unwrap_or_else(|| session.user());
    let mut reading = session.read_log_of(user, extent)?;
    let archived = reading.archived.take();
    let mut logs = Logs::default();
    logs.add(user.clone(), reading);
    Ok((logs, archived))
}

fn print(lines: &[&Line], is_from_several: bool, context: &Context) -> Result<()> {
    if lines.is_empty() {
        context.ui.done("No entries.");
        return Ok(());
    }
    const HEADER: [&str; 9] = ["TIME", "USER", "ACTION", "ENV", "ITEMS", "PROGRAM", "HOST", "OUTCOME", "REASON"];
    if context.ui.is_terminal() {
        // Items and reasons give way; then columns from the end.
        let yielding = Yielding { shortened: &[4, 5, 8], kept: 5 };
        return context.ui.grouped_table(&HEADER, &days::grouped(lines, is_from_several, Time::now()), yielding);
    }
    let today = Local::now().date_naive();
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines {
        let local = line.entry.time.utc().with_timezone(&Local);
        let format = if local.date_naive() == today { "%H:%M" } else { "%F %H:%M" };
        rows.push(cells(line, local.format(format).to_string(), is_from_several));
    }
    context.ui.table(&HEADER, &rows)
}

/// The cells of a row. Where entries of several devices stand together, each says on which machine it was written.
pub fn cells(line: &Line, time: String, is_from_several: bool) -> Vec<String> {
    let entry = &line.entry;
    vec![
        time,
        line.user.to_string(),
        entry.action.word().to_owned(),
        entry.environment.clone().unwrap_or_else(|| "-".to_owned()),
        items(line.reach()),
        entry.program.clone(),
        if is_from_several { entry.host.clone() } else { String::new() },
        entry.outcome.to_string(),
        [entry.reason.clone(), entry.note.clone()].into_iter().flatten().collect::<Vec<_>>().join("; "),
    ]
}

/// The name of one item, the number of several.
fn items(reach: Reach<'_>) -> String {
    match reach {
        Reach::Items([only]) => only.to_string(),
        Reach::Items(several) => plural(several.len(), "item"),
        Reach::Environment => "all".to_owned(),
        Reach::Vault => "all they read".to_owned(),
        Reach::Nothing => "-".to_owned(),
    }
}

/// Entries that are looked for here may be in an archive.
fn tell_archived(archived: Option<Archived>, context: &Context) {
    if let Some(archived) = archived.filter(|archived| archived.time.is_some()) {
        context.ui.done(&format!("Entries 1 to {} are in archives: vault log show ARCHIVE", archived.last));
    }
}

/// Failed attempts before there was a log: anybody of this user can write that file.
fn tell_failed_unlocks(session: &Session, context: &Context) -> Result<()> {
    let failed = vault::log::failed_unlocks(&session.vault().state_directory())?;
    if let Some(last) = failed.last() {
        let count = plural(failed.len(), "failed unlock");
        context.ui.done(&format!("Not sealed: {count} without a log to write to, the last at {}.", last.time));
    }
    Ok(())
}
