//! `vault log --follow`: shows entries as any process writes them.

use super::cells::cells;
use super::days::{Times, tone};
use super::read::read_here;
use super::{Filter, missing};
use crate::cli::showing::toned::Tone;
use crate::cli::unlocking::context::Context;
use chrono::Local;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;
use vault::Result;
use vault::log::{Extent, Line, Logs, Query, stamps};
use vault::time::Time;
use vault::vault::Session;
use vault::view::AccessLog;

/// How often to look for new entries.
const INTERVAL: Duration = Duration::from_millis(300);
/// How many earlier entries are shown first, unless `-n` was given.
const BEFORE: usize = 10;
/// How many of the last entries are read after a change. If more are new, the whole log is read.
const USUAL: usize = 64;

/// The number of the last entry that was shown, by user and device.
type Seen = BTreeMap<(String, String), u64>;

/// Shows entries until a signal ends this process.
pub fn run(filter: &Filter, query: &Query, context: &Context) -> Result<ExitCode> {
    let mut session = context.session()?;
    let state = session.vault().state_directory();
    let mut stamp = stamps(&state);
    let (logs, _) = read_here(filter, Extent::Whole, &session, None)?;
    context.show_warnings(session.vault());
    logs.check()?;
    if filter.whose.all_users {
        missing::tell_gaps(&logs, context);
    }
    let mut seen = Seen::new();
    let mut before = None;
    note(&logs, &mut seen);
    for line in logs.select_last(query, filter.last.unwrap_or(BEFORE))? {
        show(&line?, &mut before, context)?;
    }
    loop {
        std::thread::sleep(INTERVAL);
        let now = stamps(&state);
        if now == stamp {
            continue;
        }
        stamp = now;
        // The author of a log may have become a user just now. If the vault can't be opened at the moment, other
        // commands report that.
        if let Ok(newer) = session.reopen() {
            session = newer;
        }
        let logs = read_new(filter, &seen, &session)?;
        logs.check()?;
        for line in logs.select(query) {
            let line = line?;
            if is_new(&line, &seen) {
                show(&line, &mut before, context)?;
            }
        }
        note(&logs, &mut seen);
    }
}

/// Reads the logs at least back to the first new entry.
fn read_new(filter: &Filter, seen: &Seen, session: &Session) -> Result<Logs> {
    let (logs, _) = read_here(filter, Extent::Last(USUAL), session, None)?;
    for log in logs.iter() {
        match log.lines().next().transpose()? {
            // Earlier entries may be new as well.
            Some(first) if is_new(&first, seen) && first.number > 1 => {
                return Ok(read_here(filter, Extent::Whole, session, None)?.0);
            }
            _ => {}
        }
    }
    Ok(logs)
}

fn is_new(line: &Line, seen: &Seen) -> bool {
    seen.get(&(line.user.to_string(), line.device.clone())).is_none_or(|last| line.number > *last)
}

fn note(logs: &Logs, seen: &mut Seen) {
    for log in logs.iter() {
        for (device, number) in log.ends() {
            let last = seen.entry((log.user.to_string(), device.to_owned())).or_default();
            *last = number.max(*last);
        }
    }
}

/// Shows an entry on one line. On a terminal a heading above it names the day; otherwise the line has the date.
fn show(line: &Line, before: &mut Option<Time>, context: &Context) -> Result<()> {
    let ui = context.ui;
    if ui.json {
        return ui.json(&AccessLog::new(line));
    }
    let time = line.entry.time;
    if let Some(day) = Times::new(ui.is_terminal(), Time::now()).heading(time, *before) {
        ui.toned(&day, Tone::Heading)?;
    }
    *before = Some(time);
    let format = if ui.is_terminal() { "%T" } else { "%F %T" };
    let time = time.utc().with_timezone(&Local).format(format).to_string();
    let cells = cells(line, &time, false);
    let filled: Vec<&str> = cells.iter().map(AsRef::as_ref).filter(|cell: &&str| !cell.is_empty()).collect();
    ui.toned(&filled.join("  "), tone(line))
}
