//! `vault edit`: opens an environment, or a single item, in the user's editor.

mod discretion;
mod editing;
mod editor;
mod families;
mod file;
mod unfinished;

use crate::cli::generated::examples;
use crate::cli::options::names::AllowNames;
use crate::cli::unlocking::context::Context;
use editing::Editing;
pub use file::clear;
use std::process::ExitCode;
use vault::draft::{Draft, carried_by};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::roster::Right;
use vault::time::Time;
use vault::vault::{Purpose, Session, Unread, WrittenAs};
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
    /// Continue with a text that was not saved: the newest, or the one of NAME
    #[arg(long, conflicts_with = "discard")]
    resume: bool,
    /// Drop texts that were not saved: all, or the one of NAME
    #[arg(long)]
    discard: bool,
    /// Don't ask before items are removed, or a draft is saved as it was
    #[arg(long, short)]
    yes: bool,
    /// Accept empty values
    #[arg(long)]
    empty: bool,
    #[command(flatten)]
    allow: AllowNames,
}

/// What is edited.
struct Subject {
    environment: EnvironmentName,
    item: Option<ItemName>,
}

impl Subject {
    /// Returns what a word names: an environment, unless `-e` was given; otherwise an item.
    fn named(word: Option<&str>, session: &Session, context: &Context) -> Result<Self> {
        let Some(word) = word else {
            return Ok(Self { environment: context.environment(session)?, item: None });
        };
        let known = session.vault().environments().find(|name| name.as_str() == word);
        if let Some(environment) = known.filter(|_| context.named_environments().is_empty()) {
            return Ok(Self { environment: environment.clone(), item: None });
        }
        let (environment, item) = context.item(session, word)?;
        Ok(Self { environment, item: Some(item) })
    }

    /// Returns the subject as a draft names it.
    fn text(&self) -> String {
        match &self.item {
            Some(item) => format!("{}/{item}", self.environment),
            None => self.environment.to_string(),
        }
    }
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    if args.discard {
        return unfinished::discard(args.item.as_deref(), &session, context);
    }
    if args.resume {
        let open = unfinished::chosen(args.item.as_deref(), &session, context)?;
        return unfinished::resume(open, session, args, context);
    }
    let subject = Subject::named(args.item.as_deref(), &session, context)?;
    // This comes before somebody types for nothing.
    if let Err(error) = session.check_right(&subject.environment, Right::Write) {
        let attempt = Entry::new(Action::Edit).environment(&subject.environment).items(subject.item.iter());
        return Err(session.log_refusal(attempt, error));
    }
    if let Some(open) = unfinished::wanted(&subject, &session, context)? {
        return unfinished::resume(open, session, args, context);
    }
    let draft = begin(&subject, &session, context)?;
    Editing::begin(draft, session, args, context)?.run()
}

/// Starts a draft. The access is logged before the values go to the editor.
fn begin(subject: &Subject, session: &Session, context: &Context) -> Result<Draft> {
    let Subject { environment, item } = subject;
    let purpose = Purpose::new(Action::Edit).items(item.iter());
    let unread = session.open(&purpose, environment)?;
    context.show_warnings(session.vault());
    if let Some(name) = item {
        unread.item(name)?;
        let content = session.read(&purpose, unread.only(|item| item.name() == name))?;
        return Draft::of_item(environment, name, &content, Time::now());
    }
    let others = Unread::uncarried(std::slice::from_ref(&unread), carried_by(), WrittenAs::Item).names;
    let content = session.read(&purpose, unread.only(|item| !others.contains(item.name())))?;
    Draft::of_environment(environment, &content, &others, Time::now())
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
