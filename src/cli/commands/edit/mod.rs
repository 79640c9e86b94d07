//! `vault edit`: opens an environment, or a single item, in the user's editor.

mod discretion;
mod drafts;
mod editing;
mod editor;
mod families;
mod file;
mod resume;

use crate::cli::generated::examples;
use crate::cli::options::names::AllowNames;
use crate::cli::unlocking::context::Context;
use editing::Editing;
pub use file::clear;
use std::process::ExitCode;
use vault::actions::edit::Subject;
use vault::time::Time;
use vault::vault::Session;
use vault::{Error, Result};

/// Opens VISUAL, EDITOR or vi on a file that exists in memory only. You edit an environment as a .env file: removing a
/// line removes the item, and a new line adds one. What you leave unchanged is not written. The editor opens again
/// after a mistake, or if somebody else has changed an item meanwhile.
///
/// If a text can't be saved, vault keeps it as a draft: encrypted to you, on this device, for a week. --resume opens it
/// again.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault edit -e prod" => "Edit the environment prod in your editor",
    "vault edit TLS_KEY" => "Edit one value, which may have several lines",
})]
pub struct Args {
    /// One item, NAME or ENV/NAME: edit its exact value. Or an environment. Default: the whole environment that other
    /// commands would use. With -e it is always an item
    #[arg(value_name = "NAME", add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    item: Option<String>,
    /// Continue with a text that was not saved: the newest, or the one for NAME
    #[arg(long, conflicts_with = "discard")]
    resume: bool,
    /// Drop texts that were not saved: all, or the one for NAME
    #[arg(long)]
    discard: bool,
    /// Don't ask before removing items, or before saving a draft as it is
    #[arg(long, short)]
    yes: bool,
    /// Accept empty values
    #[arg(long)]
    empty: bool,
    #[command(flatten)]
    allow: AllowNames,
}

/// Returns what a word names. With `-e`, it is always an item.
fn subject_of(word: Option<&str>, session: &Session, context: &Context) -> Result<Subject> {
    let is_item = !context.named_environments().is_empty();
    context.settled(Subject::named(word, is_item, &context.chosen(), session)?)
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    if args.discard {
        return drafts::discard(args.item.as_deref(), &session, context);
    }
    if args.resume {
        let open = drafts::chosen(args.item.as_deref(), &session, context)?;
        return resume::resume(open, session, args, context);
    }
    let subject = subject_of(args.item.as_deref(), &session, context)?;
    subject.check(&session)?;
    if let Some(open) = drafts::wanted(&subject, &session, context)? {
        return resume::resume(open, session, args, context);
    }
    let draft = subject.begin(&session, Time::now());
    context.show_warnings(session.vault());
    Editing::begin(draft?, session, args, context)?.run()
}

/// Returns whether a person can be asked and sees the editor.
fn is_on_terminal(context: &Context) -> bool {
    use std::io::IsTerminal as _;
    context.is_interactive() && std::io::stdin().is_terminal()
}

/// Returns the error after a question that was not answered with yes.
fn declined() -> Error {
    Error::failed("nothing was written").hint("only y or yes continues; -y skips the question")
}
