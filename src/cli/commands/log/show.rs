//! `vault log show`: shows the entries of one log, or of several together.

use super::cells::cells;
use super::days::{Times, tone};
use super::read::{damage, query, read, select};
use super::{Filter, follow, missing};
use crate::cli::showing::rows::Columns;
use crate::cli::showing::table::Yielding;
use crate::cli::showing::toned::Tone;
use crate::cli::unlocking::context::Context;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::log::{Archived, Logs, Query};
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
