//! `vault rm`: removes items with their history.

use crate::cli::generated::examples;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::actions::rm;
use vault::name::NamedItem;
use vault::words::plural;
use vault::{Error, Result};

/// Asks first, and removes all of them or none.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault rm OLD_KEY" => "Remove an item; vault asks first",
    "vault rm -y dev/A dev/B" => "Remove two items without asking",
})]
pub struct Args {
    /// NAME or ENV/NAME
    #[arg(required = true, value_name = "NAME", add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    names: Vec<String>,
    /// Don't ask
    #[arg(long, short)]
    yes: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let mut session = context.session()?;
    let items = args.names.iter().map(|name| context.item(&session, name)).collect::<Result<Vec<_>>>()?;
    rm::check(&session, &items)?;
    let named: Vec<_> = items.iter().map(|item| NamedItem::from(item).to_string()).collect();
    if !args.yes && !context.confirm(&format!("Remove {} and all earlier values?", named.join(", ")))? {
        return Err(Error::failed("nothing was removed").hint("only y or yes removes; -y skips the question"));
    }
    rm::remove(&mut session, &items)?;
    context.show_warnings(session.vault());
    context.ui.done(&match &named[..] {
        [only] => format!("Removed {only}."),
        several => format!("Removed {}.", plural(several.len(), "item")),
    });
    Ok(ExitCode::SUCCESS)
}
