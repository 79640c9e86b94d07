//! `vault rollback`: makes an earlier value the current one, as a new version.

use crate::cli::generated::examples;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::actions::rollback::{Done, roll_back};
use vault::name::NamedItem;

/// The earlier value becomes a new version. Nothing is lost: the present value stays in the history. The new version
/// has no expiry, because an expiry belongs to the value for which it was set.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault rollback PORT" => "Go back to the value before the current one",
    "vault rollback prod/STRIPE_KEY --version 3" => "Go back to version 3",
})]
pub struct Args {
    /// NAME or ENV/NAME
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    name: String,
    /// Restore this version (default: the one before)
    #[arg(long, value_name = "N")]
    version: Option<u32>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let mut session = context.session()?;
    let place = context.item(&session, &args.name)?;
    let Done { from, to, is_known } = roll_back(&mut session, &place, args.version)?;
    context.show_warnings(session.vault());
    let item = NamedItem::from(&place);
    context.ui.done(&format!("{item} has the value of version {from} again (as version {to})."));
    if is_known {
        context.ui.warn(&format!("somebody who lost access knew that value of {item}: it is due for replacement"));
    }
    Ok(ExitCode::SUCCESS)
}
