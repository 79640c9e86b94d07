//! `vault log`: who used what, when and with what outcome.

use super::context::Context;
use super::moment;
use super::object::AccessLog;
use super::words::plural;
use chrono::Local;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::log::{Action, Extent, Line, Reading};
use vault::name::UserName;
use vault::vault::Session;
use vault::{Error, Result};

/// Who used what, and when, on this device. No value was handed out before its entry was written.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    filter: Filter,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show entries (what `vault log` does, too), or those of an exported log
    Show(ShowArgs),
    /// Check that no entry is missing, added or changed
    Verify(super::log_verify::Args),
    /// Write your log on this device into a file that only you and the admins can open
    Export(super::log_export::Args),
    /// Move old entries out of your log on this device into a sealed file
    ///
    /// vault verifies the log first, then moves whole segments whose entries are all older. The newest segment always stays.
    /// The archive is sealed like an exported log, and an entry that you sign says that the segments were archived. Keep the
    /// archive: it has the only copy. `vault log verify ARCHIVE...` checks that archives and the log join.
    Archive(super::log_archive::Args),
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// A file that `vault log export` or `vault log archive` has written; else your log on this device
    #[arg(conflicts_with = "of")]
    file: Option<PathBuf>,
    #[command(flatten)]
    filter: Filter,
}

/// Whose log on this device.
#[derive(Debug, Clone, Default, PartialEq, clap::Args)]
pub struct Whose {
    /// The log that this user has on this device, of which you can open what was written while you were an admin
    #[arg(long, value_name = "USER", add = clap_complete::ArgValueCandidates::new(super::candidates::users))]
    pub of: Option<UserName>,
}

/// Which entries to show.
#[derive(Debug, Clone, Default, PartialEq, clap::Args)]
struct Filter {
    /// Only the last N
    #[arg(short = 'n', long = "last", value_name = "N")]
    last: Option<usize>,
    /// Only since then: 2h, 7d, or 2026-11-23, which begins in local time
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only about this item
    #[arg(long, value_name = "NAME", add = clap_complete::ArgValueCandidates::new(super::candidates::items))]
    item: Option<String>,
    /// Only this action: exec, get, set, ...
    #[arg(long, value_name = "ACTION")]
    action: Option<Action>,
    #[command(flatten)]
    whose: Whose,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.command.is_some() && args.filter != Filter::default() {
        return Err(Error::usage("filters go after the subcommand").hint("for example: vault log show -n 1"));
    }
    match &args.command {
        Some(Command::Verify(args)) => super::log_verify::run(args, context),
        Some(Command::Show(args)) => show(&args.filter, args.file.as_deref(), context),
        Some(Command::Export(args)) => super::log_export::run(args, context),
        Some(Command::Archive(args)) => super::log_archive::run(args, context),
        None => show(&args.filter, None, context),
    }
}

/// The log in a file, or on this device: the user's own or, as an admin, that of another.
fn read(
    file: Option<&Path>,
    of: Option<&UserName>,
    extent: Extent,
    context: &Context,
) -> Result<(Session, UserName, Reading)> {
    let session = context.session()?;
    if let Some(file) = file {
        let exported = super::log_export::read(file, &session, extent)?;
        context.show_warnings(session.vault());
        context.ui.done(&super::log_export::heading(&exported));
        return Ok((session, exported.user, exported.reading));
    }
    let user = of.unwrap_or_else(|| session.user()).clone();
    let reading = session.read_log_of(&user, extent)?;
    context.show_warnings(session.vault());
    Ok((session, user, reading))
}

fn show(filter: &Filter, file: Option<&Path>, context: &Context) -> Result<ExitCode> {
    let since = filter.since.as_deref().map(moment::since).transpose()?;
    let environments = context.named_environments();
    let is_filtered = since.is_some() || filter.item.is_some() || filter.action.is_some() || !environments.is_empty();
    let extent = match filter.last {
        Some(count) if !is_filtered => Extent::Last(count),
        _ => Extent::Whole,
    };
    let (session, _, reading) = read(file, filter.whose.of.as_ref(), extent, context)?;
    let fits = |line: &&Line| {
        let entry = &line.entry;
        let item = filter.item.as_ref().is_none_or(|item| {
            let (environment, name) = item.split_once('/').map_or((None, item.as_str()), |(of, name)| (Some(of), name));
            line.items().iter().any(|of| of == name)
                && environment.is_none_or(|of| entry.environment.as_deref() == Some(of))
        });
        item && since.is_none_or(|since| entry.time >= since)
            && filter.action.is_none_or(|action| entry.action == action)
            && (environments.is_empty()
                || environments.iter().any(|of| entry.environment.as_deref() == Some(of.as_str())))
    };
    let lines: Vec<&Line> = reading.lines.iter().filter(fits).collect();
    let lines = &lines[lines.len().saturating_sub(filter.last.unwrap_or(usize::MAX))..];
    if context.ui.json {
        lines.iter().try_for_each(|line| context.ui.json(&AccessLog::new(line)))?;
    } else {
        print(lines, context)?;
        if file.is_none() {
            tell_archived(&reading, context);
            tell_failed_unlocks(&session, context)?;
        }
    }
    match reading.problem {
        None => Ok(ExitCode::SUCCESS),
        Some(problem) => Err(Error::integrity(format!("entry {} of the log: {}", problem.entry, problem.what))
            .hint("vault log verify says more")),
    }
}

fn print(lines: &[&Line], context: &Context) -> Result<()> {
    if lines.is_empty() {
        context.ui.done("No entries.");
        return Ok(());
    }
    let today = Local::now().date_naive();
    let row = |line: &&Line| {
        let entry = &line.entry;
        let local = entry.time.utc().with_timezone(&Local);
        let format = if local.date_naive() == today { "%H:%M" } else { "%F %H:%M" };
        vec![
            local.format(format).to_string(),
            line.user.to_string(),
            entry.action.word().to_owned(),
            entry.environment.clone().unwrap_or_else(|| "-".to_owned()),
            items(line.items()),
            entry.program.clone(),
            entry.outcome.to_string(),
            [entry.reason.clone(), entry.note.clone()].into_iter().flatten().collect::<Vec<_>>().join("; "),
        ]
    };
    let rows: Vec<_> = lines.iter().map(row).collect();
    context.ui.table(&["TIME", "USER", "ACTION", "ENV", "ITEMS", "PROGRAM", "OUTCOME", "REASON"], &rows)
}

/// The name of one item, the number of several.
fn items(names: &[String]) -> String {
    match names {
        [] => "-".to_owned(),
        [only] => only.clone(),
        several => plural(several.len(), "item"),
    }
}

/// Entries that are looked for here may be in an archive.
fn tell_archived(reading: &Reading, context: &Context) {
    if let Some(archived) = reading.archived.filter(|archived| archived.time.is_some()) {
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
