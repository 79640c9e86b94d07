//! `vault history`: the versions of an item.

use super::context::Context;
use super::object::{Version, text_of};
use super::words::ago;
use std::process::ExitCode;
use vault::Result;
use vault::item::{MAX_HISTORY, Version as ItemVersion};
use vault::log::{Action, Entry};
use vault::time::Time;

/// When each value was set and by whom. An item keeps its last 10 earlier values.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// NAME or ENV/NAME
    #[arg(add = clap_complete::ArgValueCandidates::new(super::candidates::items))]
    name: String,
    /// Show the values, too
    #[arg(long)]
    values: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    let (environment, name) = context.item(&session, &args.name)?;
    let entry = Entry::new(Action::History).environment(&environment).items([&name]);
    let content = session.read(&environment).map_err(|error| session.log_refusal(entry.clone(), error))?;
    context.show_warnings(session.vault());
    let item = content.item(&environment, &name)?;
    if args.values {
        session.log(vec![entry])?;
    }
    if context.ui.json {
        let object = |version: &ItemVersion| {
            let mut object = Version::new(&environment, item, version);
            if args.values {
                let (text, encoding) = text_of(&version.value);
                (object.value, object.encoding) = (Some(text), encoding);
            }
            object
        };
        context.ui.json_with_secrets(&item.versions().map(object).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let now = Time::now();
    let row = |version: &ItemVersion| {
        let value =
            if args.values { String::from_utf8_lossy(&version.value).replace('\n', "\\n") } else { String::new() };
        vec![version.number.to_string(), ago(version.set_at, now), version.set_by.to_string(), value]
    };
    let rows: Vec<_> = item.versions().map(row).collect();
    context.ui.table(&["VERSION", "SET", "BY", "VALUE"], &rows)?;
    if item.history.len() == MAX_HISTORY {
        context.ui.hint(&format!("older values are not kept: the last {MAX_HISTORY} are"));
    }
    Ok(ExitCode::SUCCESS)
}
