//! `vault rm`: removes items with their history.

use crate::cli::generated::examples;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::actions::{Expected, Seen, rm};
use vault::name::NamedItem;
use vault::vault::Agreed;
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
    let removal = rm::Removal::of(&session, &items, Expected::Anything)?;
    if !args.yes && !context.confirm(&question(removal.items()))? {
        return Err(Error::failed("nothing was removed").hint("only y or yes removes; -y skips the question"));
    }
    Agreed::to(removal).save(&mut session)?;
    context.show_warnings(session.vault());
    context.ui.done(&match &items[..] {
        [only] => format!("Removed {}.", NamedItem::from(only)),
        several => format!("Removed {}.", plural(several.len(), "item")),
    });
    Ok(ExitCode::SUCCESS)
}

fn question(items: &[Seen]) -> String {
    let named: Vec<_> = items.iter().map(|seen| NamedItem::from(&seen.place).to_string()).collect();
    let named = named.join(", ");
    match items.iter().map(|seen| seen.earlier).sum::<usize>() {
        0 => format!("Remove {named}?"),
        earlier => format!("Remove {named} and {}?", plural(earlier, "earlier value")),
    }
}
