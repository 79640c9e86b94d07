//! `vault get`: one value.

use crate::cli::showing::object::Secret;
use crate::cli::unlocking::context::Context;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::Result;
use vault::log::Action;
use vault::name::ItemName;
use vault::time::Time;
use vault::vault::Purpose;

/// The exact bytes go to standard output; a newline is added on a terminal only.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// NAME or ENV/NAME
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    name: String,
    /// An earlier version: see vault history
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// Write to this file instead, readable by you only
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    crate::cli::showing::output::check(args.output.as_deref())?;
    let session = context.session()?;
    let (environment, name) = context.item(&session, &args.name)?;
    let purpose = Purpose::new(Action::Get).items([&name]);
    let is_plain = args.version.is_none() && !context.ui.json;
    if is_plain {
        // Only this value is decoded: with thousands of items that is most of the time.
        let found = session.open_injectables(&purpose, &environment, &|own| own == name.as_str())?;
        let is_expired = found.items().next().map(|item| item.is_expired(Time::now()));
        if let Some(is_expired) = is_expired {
            context.show_warnings(session.vault());
            check_expiry(is_expired, &name, context)?;
            let read = session.read(&purpose, found)?;
            return read.iter().try_fold(ExitCode::SUCCESS, |_, item| hand_out(args, &item.value, context));
        }
    }
    let unread = session.open(&purpose, &environment)?;
    context.show_warnings(session.vault());
    let item = unread.item(&name)?;
    check_expiry(args.version.is_none() && item.is_expired(Time::now()), &name, context)?;
    let number = args.version.unwrap_or(item.current().number());
    item.version(number)?;
    let content = session.read(&purpose, unread.only(|item| *item.name() == name))?;
    let item = content.item(&environment, &name)?;
    let version = item.version(number)?;
    if context.ui.json && args.output.is_none() {
        let mut secret = Secret::new(&environment, item.outline()).with_value(&version.value);
        secret.version = version.number;
        context.ui.json_with_secrets(&secret)?;
        return Ok(ExitCode::SUCCESS);
    }
    hand_out(args, &version.value, context)
}

fn check_expiry(is_expired: bool, name: &ItemName, context: &Context) -> Result<()> {
    if is_expired { context.expired(&[name.as_str()]) } else { Ok(()) }
}

fn hand_out(args: &Args, value: &[u8], context: &Context) -> Result<ExitCode> {
    match &args.output {
        Some(path) => crate::cli::showing::output::write(path, value)?,
        None => context.ui.value(value)?,
    }
    Ok(ExitCode::SUCCESS)
}
