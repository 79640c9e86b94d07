//! `vault rollback`: an earlier value becomes the current one, as a new version.

use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::log::{Action, Entry};
use vault::{Error, Result};

/// The earlier value becomes a new version. Nothing is lost: the present value is an earlier one then. An expiry goes with
/// the value it was said of: the new version has none.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// NAME or ENV/NAME
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    name: String,
    /// Which version; else the one before
    #[arg(long, value_name = "N")]
    version: Option<u32>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let mut session = context.session()?;
    let (environment, name) = context.item(&session, &args.name)?;
    let entry = Entry::new(Action::Rollback).environment(&environment).items([&name]);
    let (from, to, due) = session.edit(std::slice::from_ref(&entry), |edit| {
        let (now, user) = (edit.now(), edit.user());
        let content = edit.content_mut(&environment)?;
        let item = content.item(&environment, &name)?;
        let earlier = match args.version {
            Some(number) => item.version(number)?,
            None => item
                .history
                .first()
                .ok_or_else(|| Error::not_found(format!("{environment}/{name} has no earlier value")))?,
        };
        let (from, value, metadata) = (earlier.number, earlier.value.clone(), item.metadata.for_new_value());
        let to = content.set(&name, value, &metadata, user, now)?;
        let due = content.item(&environment, &name)?.current.rotate_due.is_some();
        edit.log(entry.clone());
        Ok((from, to, due))
    })?;
    context.show_warnings(session.vault());
    context.ui.done(&format!("{environment}/{name} has the value of version {from} again (as version {to})."));
    if due {
        context
            .ui
            .warn(&format!("somebody who lost access knew that value of {environment}/{name}: it is to be replaced"));
    }
    Ok(ExitCode::SUCCESS)
}
