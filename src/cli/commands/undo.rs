//! `vault undo`: undoes the last change.

use crate::cli::generated::examples;
use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::time::Time;

/// Undoes all of your last set, rm, mv, cp, edit, rollback, rotate, import, env add, env copy or env rm, as one new
/// version. The change must be less than a day old and made on this device, and nobody may have changed the same items
/// since. After an undo, vault undo does the change again.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault undo --dry-run" => "Show what would be undone",
    "vault undo" => "Undo it",
})]
pub struct Args {
    /// Only show what would be undone
    #[arg(long)]
    dry_run: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let mut session = context.session()?;
    let mut last = session.last_change()?;
    if !session.meets(session.need_to_undo(&last)) {
        session = context.key_session()?.into();
        last = session.last_change()?;
    }
    if args.dry_run {
        session.rehearse_undo(&last)?;
    } else {
        session.undo(&last)?;
    }
    context.show_warnings(session.vault());
    let verb = match (last.is_undo(), args.dry_run) {
        (false, false) => "Undone",
        (false, true) => "Would undo",
        (true, false) => "Redone",
        (true, true) => "Would redo",
    };
    let undone = if last.is_undo() { "undone " } else { "" };
    context.ui.done(&format!("{verb}: {}, {undone}{}.", last.summary(), ago(last.time(), Time::now())));
    Ok(ExitCode::SUCCESS)
}
