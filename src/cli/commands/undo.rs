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
    let record = session.last_change()?;
    if !session.meets(session.need_to_undo(&record)) {
        session = context.key_session()?.into();
    }
    if args.dry_run {
        session.rehearse_undo(&record)?;
    } else {
        session.undo(&record)?;
    }
    context.show_warnings(session.vault());
    let verb = match (record.is_undo, args.dry_run) {
        (false, false) => "Undone",
        (false, true) => "Would undo",
        (true, false) => "Redone",
        (true, true) => "Would redo",
    };
    let undone = if record.is_undo { "undone " } else { "" };
    context.ui.done(&format!("{verb}: {}, {undone}{}.", record.summary(), ago(record.time, Time::now())));
    Ok(ExitCode::SUCCESS)
}
