//! `vault import`: from a file that another tool left into an environment.

mod changes;
mod chosen;
mod refused;
mod source;

use crate::cli::asking::terminal;
use crate::cli::options::input;
use crate::cli::showing::progress::Underway;
use crate::cli::unlocking::context::Context;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::log::{Action, Entry};
use vault::name::EnvironmentName;
use vault::vault::{Edit, Session};
use vault::words::plural;
use vault::{Error, Result};

pub use changes::Changes;
pub use chosen::{Chosen, ReadingArgs, read};
pub use source::warn_of_plaintext;

/// All items in one write. Reads .env, JSON, YAML, TOML, CSV, .tfvars and .properties files, also as Kubernetes, 1Password
/// (`op item get`), Bitwarden, `docker inspect`, `sops -d` and `doppler secrets download` write them. Lines that readers of .env files read differently are named, with
/// what was taken. New values that look like plain settings become variables: see --kind. On a terminal it shows what it will change, and asks.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file; - for standard input
    #[arg(default_value = ".env")]
    file: PathBuf,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Don't ask
    #[arg(long, short)]
    yes: bool,
    /// Remove the file after its values were read back from the vault
    #[arg(long)]
    delete_source: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.delete_source && input::is_standard(&args.file) {
        return Err(Error::usage("standard input can't be deleted"));
    }
    let chosen = read(&args.file, &args.reading, &args.reading.allow)?;
    let mut session = context.session()?;
    let import = Import { environment: context.environment(&session)?, chosen, args };
    if args.dry_run {
        return import.report_dry_run(&import.rehearse(&session, context)?, context);
    }
    let agreed = if asks(args, context) { Some(import.agree(&session, context)?) } else { None };
    let line = import.underway(context);
    let changes = session.edit(&[import.attempt()], |edit| import.apply(edit, agreed.as_ref()))?;
    drop(line);
    context.show_warnings(session.vault());
    let Import { environment, chosen, .. } = &import;
    context.ui.done(&format!("Imported {} into {environment}: {changes}.", args.file.display()));
    if agreed.is_none() {
        changes.show_notes(chosen, context.ui);
    }
    if context.ui.json {
        context.ui.json(&changes.object(chosen, environment, false))?;
    }
    if args.delete_source {
        source::delete(args, chosen, &session, environment, context)?;
    } else {
        warn_of_plaintext(&args.file, &args.reading, chosen, environment, context);
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether a person sees what will be changed before it is: where all of it is typed and read on a terminal.
fn asks(args: &Args, context: &Context) -> bool {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    !args.yes && !context.ui.json && is_terminal && context.is_interactive()
}

/// An import into an environment.
struct Import<'a> {
    environment: EnvironmentName,
    chosen: Chosen,
    args: &'a Args,
}

impl Import<'_> {
    /// All of the file's names, because those with equal values are compared.
    fn attempt(&self) -> Entry {
        let names = self.chosen.items.iter().map(|taken| &taken.name);
        Entry::new(Action::Import).environment(&self.environment).items(names)
    }

    /// Makes the change, if it is the one that was agreed to.
    fn apply(&self, edit: &mut Edit<'_>, agreed: Option<&Changes>) -> Result<Changes> {
        let (now, user) = (edit.now(), edit.user());
        let changes = Changes::of(&self.chosen, edit.content(&self.environment)?);
        if agreed.is_some_and(|agreed| *agreed != changes) {
            return Err(Error::failed(format!("{} was changed meanwhile, so nothing was imported", self.environment))
                .hint("import again, and look at what it would change now"));
        }
        if changes.writes() > 0 {
            self.chosen.put(edit.content_mut(&self.environment)?, &self.environment, user, now)?;
            edit.log(self.attempt());
        }
        Ok(changes)
    }

    /// Thousands of items take a while.
    fn underway(&self, context: &Context) -> Underway {
        context.ui.underway(format!("Importing {}", plural(self.chosen.len(), "item")))
    }

    fn rehearse(&self, session: &Session, context: &Context) -> Result<Changes> {
        let _line = self.underway(context);
        session.rehearse(&[self.attempt()], |edit| self.apply(edit, None))
    }

    /// Shows what would be changed, and asks. Where nothing would be there is no question.
    fn agree(&self, session: &Session, context: &Context) -> Result<Changes> {
        const SHOWN: usize = 50;
        let changes = self.rehearse(session, context)?;
        if changes.writes() > 0 {
            let lines = changes.lines(&self.environment);
            lines.iter().take(SHOWN).for_each(|line| context.ui.done(line));
            if let Some(further @ 1..) = lines.len().checked_sub(SHOWN) {
                context.ui.done(&format!("... and {further} more (--dry-run shows all)"));
            }
        }
        changes.show_notes(&self.chosen, context.ui);
        let delete = if self.args.delete_source { ", and remove the file" } else { "" };
        let question = format!("Import {} into {}: {changes}{delete}?", self.args.file.display(), self.environment);
        if changes.writes() > 0 && !terminal::confirm(&question)? {
            return Err(Error::failed("nothing was imported").hint("only y or yes imports; -y answers it beforehand"));
        }
        Ok(changes)
    }

    fn report_dry_run(&self, changes: &Changes, context: &Context) -> Result<ExitCode> {
        let Self { environment, chosen, args } = self;
        if context.ui.json {
            context.ui.json(&changes.object(chosen, environment, true))?;
            return Ok(ExitCode::SUCCESS);
        }
        changes.lines(environment).iter().try_for_each(|line| context.ui.line(line))?;
        changes.show_notes(chosen, context.ui);
        let deletes = match args.delete_source.then(|| source::obstacle(&args.file, chosen)) {
            None => "",
            Some(None) => ", and the file would be removed",
            Some(Some(_)) => ", and the file would stay",
        };
        context.ui.done(&format!("Nothing was changed: {changes}{deletes}."));
        Ok(ExitCode::SUCCESS)
    }
}
