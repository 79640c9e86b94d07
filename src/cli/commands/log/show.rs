//! `vault log show`: shows the entries of one log, or of several together.

use super::days::{Times, tone};
use super::{Filter, export, follow, missing};
use crate::cli::options::moment;
use crate::cli::showing::rows::Columns;
use crate::cli::showing::table::Yielding;
use crate::cli::showing::toned::Tone;
use crate::cli::unlocking::context::Context;
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
    if context.ui.json {
        for line in select(&logs, &query, filter)? {
            context.ui.json(&AccessLog::new(&line?))?;
        }
    } else {
        print(&logs, &query, filter, context)?;
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

/// Returns an error if any of the logs is damaged.
pub fn damage(logs: &Logs) -> Result<()> {
    let damaged = logs.iter().find_map(|log| Some((log, log.problem()?)));
    match damaged {
        None => Ok(()),
        Some((log, problem)) => {
            Err(Error::integrity(format!("{}'s log: {problem}", log.user)).hint("vault log verify says more"))
        }
    }
}

/// Returns the entries that the options choose, oldest first.
pub fn select<'a>(
    logs: &'a Logs,
    query: &'a Query,
    filter: &Filter,
) -> Result<Box<dyn Iterator<Item = Result<Line>> + 'a>> {
    Ok(match filter.last {
        Some(last) => Box::new(logs.select_last(query, last)?),
        None => Box::new(logs.select(query)),
    })
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

/// Reads the logs that the options choose. For a single log on this device, also returns what was archived of it.
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

/// Reads the logs on this device that the options choose. For a single log, also returns what was archived of it.
pub fn read_here(filter: &Filter, extent: Extent, session: &Session) -> Result<(Logs, Option<Archived>)> {
    if filter.whose.all_users {
        return Ok((session.logs_here(extent)?, None));
    }
    let user = filter.whose.of.as_ref().unwrap_or_else(|| session.user());
    let mut reading = session.read_log_of(user, extent)?;
    let archived = reading.archived.take();
    let mut logs = Logs::default();
    logs.add(user.clone(), reading);
    Ok((logs, archived))
}

const HEADER: [&str; 9] = ["TIME", "USER", "ACTION", "ENV", "ITEMS", "PROGRAM", "HOST", "OUTCOME", "REASON"];

/// Prints a table. The entries are read twice, to measure and to print them, because a log may not fit into memory.
fn print(logs: &Logs, query: &Query, filter: &Filter, context: &Context) -> Result<()> {
    let is_from_several = logs.iter().count() > 1;
    let mut times = Times::new(context.ui.is_terminal(), Time::now());
    let mut columns = Columns::new(&HEADER);
    let mut is_empty = true;
    for line in select(logs, query, filter)? {
        let line = line?;
        times.pass(line.entry.time);
        columns.measure(&cells(&line, String::new(), is_from_several));
        is_empty = false;
    }
    if is_empty {
        context.ui.done("No entries.");
        return Ok(());
    }
    columns.widen(0, times.width());
    // Items, programs and reasons are shortened. Then columns are left out from the end.
    let mut rows = columns.into_rows(context.ui, Yielding { shortened: &[4, 5, 8], kept: 5 });
    let mut before = None;
    for line in select(logs, query, filter)? {
        let line = line?;
        let time = line.entry.time;
        if let Some(day) = times.heading(time, before) {
            if before.is_some() {
                rows.line("", Tone::Plain)?;
            }
            rows.line(&day, Tone::Heading)?;
        }
        before = Some(time);
        let tone = if context.ui.is_terminal() { tone(&line) } else { Tone::Plain };
        rows.row(&cells(&line, times.text(time), is_from_several), tone)?;
    }
    rows.finish()
}

/// Returns the cells of a row. If there are entries of several logs, each has the host that wrote it.
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

/// Returns the name of a single item, or the number of several.
fn items(reach: Reach<'_>) -> String {
    match reach {
        Reach::Items([only]) => only.to_string(),
        Reach::Items(several) => plural(several.len(), "item"),
        Reach::Environment => "all".to_owned(),
        Reach::Vault => "all they read".to_owned(),
        Reach::Nothing => "-".to_owned(),
    }
}

/// Says that older entries are in archives.
fn tell_archived(archived: Option<Archived>, context: &Context) {
    if let Some(archived) = archived.filter(|archived| archived.time.is_some()) {
        context.ui.done(&format!("Entries 1 to {} are in archives: vault log show ARCHIVE", archived.last));
    }
}

/// Shows failed attempts from before there was a log. Any process of this user can write their file, so they are not
/// sealed.
fn tell_failed_unlocks(session: &Session, context: &Context) -> Result<()> {
    let failed = vault::log::failed_unlocks(&session.vault().state_directory())?;
    if let Some(last) = failed.last() {
        let count = plural(failed.len(), "failed unlock");
        context.ui.done(&format!("Not sealed: {count} without a log to write to, the last at {}.", last.time));
    }
    Ok(())
}
