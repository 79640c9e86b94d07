//! `vault exposure`: shows what a user could read and did read.

use crate::cli::generated::examples;
use crate::cli::options::{exported, moment};
use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::Result;
use vault::actions;
use vault::item::Kind;
use vault::log::{DeviceLog, Extent, Logs};
use vault::name::{NamedItem, UserName};
use vault::time::Time;
use vault::vault::{Exposed, Fate, Session};
use vault::view::Exposure;
use vault::words::plural;

/// What they could read follows from the signed chain of rights. What they did read comes from the user's log on this
/// device, and from exported logs that you name. The log records only what is done with vault: somebody with the file
/// and a key can read values without an entry.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault exposure ana" => "List the values that ana could read",
    "vault exposure ana ana.log" => "Add what an exported log says she read",
})]
pub struct Args {
    /// The user, who may have been removed already
    name: UserName,
    /// Show only what they could read since then: 90d, or 2026-11-23 (local time)
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Logs of the user, written by `vault log export` or `vault log archive`
    #[arg(value_name = "LOG")]
    logs: Vec<PathBuf>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let since = args.since.as_deref().map(moment::since).transpose()?;
    let session = context.session()?;
    let logs = logs(args, &session, context)?;
    let exposure = session.exposure(&args.name, since, &logs)?;
    context.show_warnings(session.vault());
    if context.ui.json {
        context.ui.json(&exposure.iter().map(|item| Exposure::new(&args.name, item)).collect::<Vec<_>>())?;
    } else {
        print(args, &exposure, &logs, context)?;
    }
    for environment in unreadable(&exposure) {
        context.ui.warn(&format!("{} could read {environment}; you can't, so its items are not listed", args.name));
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the environments that the user could read and this session can't.
fn unreadable<'a>(exposure: impl IntoIterator<Item = &'a Exposed>) -> Vec<&'a str> {
    let all = exposure.into_iter().filter(|item| item.is_unreadable());
    all.map(|item| item.environment.as_str()).collect()
}

/// Gathers the user's logs, and says what is wrong with them.
fn logs(args: &Args, session: &Session, context: &Context) -> Result<Logs> {
    let name = &args.name;
    let exported = args.logs.iter().map(|path| {
        let exported = exported::read(path, session, Extent::Whole)?;
        Ok((path.display().to_string(), exported))
    });
    let logs = actions::exposure::logs(session, name, exported)?;
    for log in logs.iter() {
        if let Some(problem) = log.problem() {
            context.ui.warn(&format!("{name}'s log: {problem}"));
        }
        tell_archived(log, context);
    }
    Ok(logs)
}

/// Warns that reads in archives that were not given are not counted.
fn tell_archived(log: &DeviceLog, context: &Context) {
    let name = &log.user;
    if let Some(first) = log.first_gap() {
        context.ui.warn(&format!(
            "entry {first} of {name}'s log, and maybe others, were archived or can't be read: their reads are not counted"
        ));
        context.ui.hint(&format!("name the archives, too: vault exposure {name} ARCHIVE..."));
    }
}

fn print(args: &Args, items: &[Exposed], logs: &Logs, context: &Context) -> Result<()> {
    let name = &args.name;
    if items.is_empty() {
        context.ui.done(&format!("{name} could read nothing that you can read."));
        return Ok(());
    }
    let now = Time::now();
    let rows: Vec<_> = items.iter().map(|item| row(item, now)).collect();
    context.ui.table(&["ITEM", "KIND", "COULD READ", "DID READ", "VALUE"], &rows)?;
    if logs.is_empty() {
        context.ui.hint(&format!("the log of {name} is not here; on their device: vault log export -o FILE"));
    }
    hint_of_replacing(items, context);
    Ok(())
}

fn hint_of_replacing(items: &[Exposed], context: &Context) {
    let left = items.iter().filter(|item| item.is_to_be_replaced()).count();
    let unreadable = unreadable(items.iter().filter(|item| item.until.is_some()));
    if left == 0 && unreadable.is_empty() {
        return;
    }
    let and = match &unreadable[..] {
        [] => String::new(),
        names => format!(", and what is in {}, which others read", names.join(", ")),
    };
    context.ui.hint(&format!(
        "{} to replace{and}: change each one at its source, then run vault set ENV/NAME",
        plural(left, "value")
    ));
}

fn row(item: &Exposed, now: Time) -> Vec<String> {
    let date = |time: Time| time.utc().format("%F").to_string();
    let could = match (item.from, item.until) {
        (Some(from), Some(until)) => format!("{} to {}", date(from), date(until)),
        (Some(from), None) => format!("since {}", date(from)),
        (None, _) => String::new(),
    };
    let did = match (item.reads, &item.last_read) {
        _ if item.name.is_none() => String::new(),
        (None, _) => "unknown".to_owned(),
        (Some(reads), Some((time, action))) => {
            format!("{}, last {} ({action})", plural(reads, "time"), ago(*time, now))
        }
        (Some(_), None) => "-".to_owned(),
    };
    let mut value = match (item.fate, item.kind, item.until) {
        (Fate::Unreadable, ..) => "you can't read it",
        (Fate::Removed, ..) => "the environment was removed",
        (Fate::Gone, ..) => "renamed or removed",
        (Fate::Replaced, ..) => "replaced since",
        (Fate::InUse, Some(Kind::Variable), _) => "not a secret",
        (Fate::InUse, _, Some(_)) => "due for replacement",
        (Fate::InUse, _, None) => "in use",
    }
    .to_owned();
    if let Some(of) = &item.value_of {
        value += &format!(" (the value of {of})");
    }
    let kind = item.kind.map_or(String::new(), |kind| kind.to_string());
    let name = item.name.as_deref().unwrap_or("*");
    vec![NamedItem::within(&item.environment, name).to_string(), kind, could, did, value]
}
