//! `vault import`: imports another tool's file into an environment.

mod source;

use crate::cli::asking::terminal;
use crate::cli::generated::examples;
use crate::cli::options::input;
use crate::cli::options::reading::{ReadingArgs, read};
use crate::cli::showing::notes::show_notes;
use crate::cli::showing::progress::Underway;
use crate::cli::showing::remedies::worded;
use crate::cli::unlocking::context::Context;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::actions::import::{Changes, Import};
use vault::vault::Session;
use vault::words::plural;
use vault::{Error, Result};

/// Imports all items in one write. Reads .env, JSON, YAML, TOML, CSV, .tfvars and .properties files, also as
/// Kubernetes, 1Password (`op item get`), Bitwarden, `docker inspect`, `sops -d` and `doppler secrets download` write
/// them. It names lines that programs read differently, and says which value it imported. New values that look like
/// plain settings become variables: see --kind. On a terminal it shows what it will change, and asks.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault import .env --delete-source" => "Import a file, and remove it once the vault has its values",
    "op item get Stripe --format json | vault import - -e prod" => "Import what another program prints",
})]
pub struct Args {
    /// The file; - for standard input
    #[arg(default_value = ".env")]
    file: PathBuf,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Only show what would be done
    #[arg(long)]
    dry_run: bool,
    /// Don't ask
    #[arg(long, short)]
    yes: bool,
    /// Delete the file once its values have been read back from the vault; it stays if anything in it was left out, such as
    /// a column, an older value or a comment that looks like a value
    #[arg(long)]
    delete_source: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.delete_source && input::is_standard(&args.file) {
        return Err(Error::usage("standard input can't be deleted"));
    }
    let chosen = read(&args.file, &args.reading)?;
    let mut session = context.session()?;
    let import = Import { environment: context.environment(&session)?, chosen };
    if args.dry_run {
        let changes = rehearse(&import, &session, context)?;
        return report_dry_run(&import, &changes, args, context);
    }
    let agreed = if asks(args, context) { Some(agree(&import, &session, args, context)?) } else { None };
    let line = underway(&import, context);
    let changes = import.save(&mut session, agreed.as_ref())?;
    drop(line);
    context.show_warnings(session.vault());
    let Import { environment, chosen } = &import;
    context.ui.done(&format!("Imported {} into {environment}: {changes}.", args.file.display()));
    if agreed.is_none() {
        show_notes(&changes, chosen, context.ui);
    }
    if context.ui.json {
        context.ui.json(&changes.object(chosen, environment, false, worded))?;
    }
    if args.delete_source {
        import.delete_source(&session).map_err(|why| source::kept(&args.file, why))?;
        context.ui.done(&format!("Removed {}: all of its values are in the vault.", args.file.display()));
    } else {
        args.reading.warn_of_plaintext(&args.file, chosen, environment, context);
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns whether to show the changes and ask. This takes a terminal for both input and messages.
fn asks(args: &Args, context: &Context) -> bool {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    !args.yes && !context.ui.json && is_terminal && context.is_interactive()
}

/// Shows progress, because thousands of items take a while.
fn underway(import: &Import, context: &Context) -> Underway {
    context.ui.underway(format!("Importing {}", plural(import.chosen.items().len(), "item")))
}

fn rehearse(import: &Import, session: &Session, context: &Context) -> Result<Changes> {
    let _line = underway(import, context);
    import.rehearse(session)
}

/// Shows what would be changed, and asks. If nothing would change, there is no question.
fn agree(import: &Import, session: &Session, args: &Args, context: &Context) -> Result<Changes> {
    const SHOWN: usize = 50;
    let changes = rehearse(import, session, context)?;
    if changes.writes() > 0 {
        let lines = changes.lines(&import.environment);
        lines.iter().take(SHOWN).for_each(|line| context.ui.done(line));
        if let Some(further @ 1..) = lines.len().checked_sub(SHOWN) {
            context.ui.done(&format!("... and {further} more (--dry-run shows all)"));
        }
    }
    show_notes(&changes, &import.chosen, context.ui);
    let delete = if args.delete_source { ", and remove the file" } else { "" };
    let question = format!("Import {} into {}: {changes}{delete}?", args.file.display(), import.environment);
    if changes.writes() > 0 && !terminal::confirm(&question)? {
        return Err(Error::failed("nothing was imported").hint("only y or yes imports; -y skips the question"));
    }
    Ok(changes)
}

fn report_dry_run(import: &Import, changes: &Changes, args: &Args, context: &Context) -> Result<ExitCode> {
    let Import { environment, chosen } = import;
    if context.ui.json {
        context.ui.json(&changes.object(chosen, environment, true, worded))?;
        return Ok(ExitCode::SUCCESS);
    }
    changes.lines(environment).iter().try_for_each(|line| context.ui.line(line))?;
    show_notes(changes, chosen, context.ui);
    let deletes = match args.delete_source.then(|| import.check_deletable(changes)) {
        None => "",
        Some(Ok(())) => ", and the file would be removed",
        Some(Err(_)) => ", and the file would stay",
    };
    context.ui.done(&format!("Nothing was changed: {changes}{deletes}."));
    Ok(ExitCode::SUCCESS)
}
