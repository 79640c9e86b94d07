//! `vault mv` and `vault cp`: give an item another name, another environment, or both.

use crate::cli::options::names::AllowNames;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::actions::mv::{Relocation, Way, destination};
use vault::name::NamedItem;
use vault::vault::Agreed;

/// If the destination is ENV/, the item keeps its name. If it is NAME, the item keeps its environment.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The item: NAME or ENV/NAME
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    from: String,
    /// The destination: NAME, ENV/NAME or ENV/
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    to: String,
    /// Replace the value of an existing item: it becomes a new version
    #[arg(long, short)]
    force: bool,
    #[command(flatten)]
    allow: AllowNames,
}

pub fn move_item(args: &Args, context: &Context) -> Result<ExitCode> {
    relocate(args, context, Way::Move)
}

pub fn copy_item(args: &Args, context: &Context) -> Result<ExitCode> {
    relocate(args, context, Way::Copy)
}

fn relocate(args: &Args, context: &Context, way: Way) -> Result<ExitCode> {
    let mut session = context.session()?;
    let from = context.item(&session, &args.from)?;
    let to = destination(&args.to, &from, session.vault())?;
    let allowed = args.allow.once();
    let relocation = Relocation { from: &from, to: &to, way, allowed: &allowed };
    match args.force {
        true => Agreed::to(relocation.replacing(&session)?).save(&mut session)?,
        false => relocation.save(&mut session)?,
    }
    context.show_warnings(session.vault());
    let verb = if way == Way::Move { "Moved" } else { "Copied" };
    context.ui.done(&format!("{verb} to {}.", NamedItem::from(&to)));
    Ok(ExitCode::SUCCESS)
}
