//! `vault get`: one value.

use super::context::Context;
use super::object::Secret;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::Result;
use vault::log::{Action, Entry};

/// The exact bytes go to standard output; a newline is added on a terminal only.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// NAME or ENV/NAME
    name: String,
    /// An earlier version: see vault history
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// Write to this file instead, readable by you only
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    let (environment, name) = context.item(session.vault(), &args.name)?;
    let entry = Entry::new(Action::Get).environment(&environment).items([&name]);
    let content = session.read(&environment).map_err(|error| session.log_refusal(entry.clone(), error))?;
    context.show_warnings(session.vault());
    let item = content.item(&environment, &name)?;
    let value = match args.version {
        Some(number) => &item.version(number)?.value,
        None => &item.current.value,
    };
    session.log(vec![entry])?;
    if let Some(path) = &args.output {
        vault::fs::write_private(path, value)?;
    } else if context.ui.json {
        context.ui.json(&Secret::new(&environment, item).with_value(value))?;
    } else {
        context.ui.value(value)?;
    }
    Ok(ExitCode::SUCCESS)
}
