//! `vault log show`: shows the entries of one log, or of several together.

use super::cells::cells;
use super::days::{Times, tone};
use super::read::{Selected, query, read};
use super::{Filter, follow, missing};
use crate::cli::showing::rows::{Columns, widths};
use crate::cli::showing::table::Yielding;
use crate::cli::showing::toned::Tone;
use crate::cli::unlocking::context::Context;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::log::{Archived, Logs, Measure, Query, UnprovenEntry};
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
    // Of one whole log, the table is measured while the log is verified.
    let is_one = files.is_empty() && !filter.whose.all_users && filter.last.is_none();
    let mut sizes = (is_one && !context.ui.json).then(|| Sizes::new(&query, false, context));
    let measure = sizes.as_mut().map(|sizes| sizes as &mut dyn Measure);
    let (logs, archived) = read(filter, files, &query, &session, measure, context)?;
    let selected = Selected::new(&logs, &query, filter)?;
    if context.ui.json {
        for line in selected.lines(&logs) {
            context.ui.json(&AccessLog::new(&line?))?;
        }
    } else {
        print(&logs, sizes, &selected, context)?;
        if files.is_empty() {
            tell_archived(archived, context);
            tell_failed_unlocks(&session, context)?;
        }
    }
    if filter.whose.all_users {
        missing::tell_gaps(&logs, context);
        missing::tell_unheard(&logs, &query, &session, context)?;
    }
    logs.check().map(|()| ExitCode::SUCCESS)
}

const HEADER: [&str; 9] = ["TIME", "USER", "ACTION", "ENV", "ITEMS", "PROGRAM", "HOST", "OUTCOME", "REASON"];

/// The sizes of a table of entries, measured before it is printed, because a log may not fit into memory.
struct Sizes<'a> {
    query: &'a Query,
    /// Whether each entry has the host that wrote it.
    is_from_several: bool,
    is_by_day: bool,
    times: Times,
    columns: Columns<'a>,
    is_empty: bool,
}

impl<'a> Sizes<'a> {
    fn new(query: &'a Query, is_from_several: bool, context: &Context) -> Self {
        let is_by_day = context.ui.is_terminal();
        let (times, columns) = (Times::new(is_by_day, Time::now()), Columns::new(&HEADER));
        Self { query, is_from_several, is_by_day, times, columns, is_empty: true }
    }

    /// Makes room for an entry.
    fn pass(&mut self, time: Time, widths: &[Option<usize>]) {
        self.times.pass(time);
        self.columns.measure(widths);
        self.is_empty = false;
    }
}

impl Measure for Sizes<'_> {
    fn begin(&mut self) {
        (self.times, self.columns) = (Times::new(self.is_by_day, Time::now()), Columns::new(&HEADER));
        self.is_empty = true;
    }

    fn add(&mut self, entry: &UnprovenEntry<'_>) {
        if entry.fits(self.query) {
            self.pass(entry.time(), &entry.numbers(|line| widths(&cells(line, "", false))));
        }
    }
}

/// Prints a table. Its entries were measured while they were verified, or are read twice.
fn print(logs: &Logs, sizes: Option<Sizes<'_>>, selected: &Selected<'_>, context: &Context) -> Result<()> {
    let sizes = match sizes {
        Some(sizes) => sizes,
        None => {
            let is_from_several = logs.iter().count() > 1;
            let mut sizes = Sizes::new(selected.query, is_from_several, context);
            for line in selected.lines(logs) {
                let line = line?;
                sizes.pass(line.entry.time, &widths(&cells(&line, "", is_from_several)));
            }
            sizes
        }
    };
    let Sizes { times, mut columns, is_from_several, is_by_day, is_empty, .. } = sizes;
    if is_empty {
        context.ui.done("No entries.");
        return Ok(());
    }
    columns.widen(0, times.width());
    // Items, programs and reasons are shortened. Then columns are left out from the end.
    let mut rows = columns.into_rows(context.ui, Yielding { shortened: &[4, 5, 8], kept: 5 });
    let mut before = None;
    for line in selected.lines(logs) {
        let line = line?;
        let time = line.entry.time;
        if let Some(day) = times.heading(time, before) {
            if before.is_some() {
                rows.line("", Tone::Plain)?;
            }
            rows.line(&day, Tone::Heading)?;
        }
        before = Some(time);
        let tone = if is_by_day { tone(&line) } else { Tone::Plain };
        rows.row(&cells(&line, &times.text(time), is_from_several), tone)?;
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
        context.ui.done(&format!("{count} before there was a log, the last at {}. This list is not sealed: any of your programs can change it.", last.time));
    }
    Ok(())
}
