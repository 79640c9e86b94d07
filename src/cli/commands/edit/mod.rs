//! `vault edit`: an environment, or one item, in the user's editor.

mod changes;
mod discretion;
mod editor;

use crate::cli::options::names::AllowNames;
use crate::cli::unlocking::again;
use crate::cli::unlocking::context::Context;
use changes::Changes;
use editor::EditedFile;
pub use editor::clear;
use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use vault::format::export::{self, Format};
use vault::item::{Content, Item, MAX_VALUE, is_nothing};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::roster::Right;
use vault::secret::SecretBytes;
use vault::vault::{Purpose, Unread, exported};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// In VISUAL, EDITOR or vi, in a file that is in memory only. An environment is edited as a .env file: a line removed is
/// an item removed, a new line a new item. What you leave unchanged is not written; a mistake opens the editor again.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// One item to edit, NAME or ENV/NAME: its value alone, to the byte; else the whole environment
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    item: Option<String>,
    /// Don't ask before items are removed
    #[arg(long, short)]
    yes: bool,
    /// Accept empty values
    #[arg(long)]
    empty: bool,
    #[command(flatten)]
    allow: AllowNames,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let mut session = context.session()?;
    let (environment, name) = match &args.item {
        Some(item) => context.item(&session, item).map(|(environment, name)| (environment, Some(name)))?,
        None => (context.environment(&session)?, None),
    };
    let attempt = Entry::new(Action::Edit).environment(&environment).items(name.iter());
    // Before somebody types for nothing.
    if let Err(error) = session.check_right(&environment, Right::Write) {
        return Err(session.log_refusal(attempt, error));
    }
    let purpose = Purpose::new(Action::Edit).items(name.iter());
    let unread = session.open(&purpose, &environment)?;
    context.show_warnings(session.vault());
    editor::warn_of_copies(context.ui);
    let (changes, before) = match &name {
        Some(name) => {
            unread.item(name)?;
            let file = EditedFile::new(name.as_str())?;
            // The value leaves for the editor: written down first.
            let content = session.read(&purpose, unread.only(|item| item.name() == name))?;
            (edit_item(content.item(&environment, name)?, &file, &environment, args, context)?, content)
        }
        None => {
            let file = EditedFile::new(&format!("{environment}.env"))?;
            let others = Unread::uncarried(std::slice::from_ref(&unread), Format::Dotenv, exported).names;
            let content = session.read(&purpose, unread.only(|item| !others.contains(item.name())))?;
            (edit_environment(&content, &others, &file, &environment, args)?, content)
        }
    };
    if changes.is_empty() {
        context.ui.done("Nothing changed, nothing was written.");
        return Ok(ExitCode::SUCCESS);
    }
    let removed = changes.removed_names();
    if !removed.is_empty() && !args.yes && !super::rm::confirm(&format!("Remove {}?", removed.join(", ")), context)? {
        return Err(Error::failed("nothing was written").hint("only y or yes removes; -y answers it beforehand"));
    }
    session.edit(&[attempt], |edit| changes.apply(edit, &environment, &before))?;
    context.show_warnings(session.vault());
    context.ui.done(&changes.summary(&environment));
    Ok(ExitCode::SUCCESS)
}

/// The value's bytes. The final newline that editors add is dropped where the value had none.
fn edit_item(
    item: &Item,
    file: &EditedFile,
    environment: &EnvironmentName,
    args: &Args,
    context: &Context,
) -> Result<Changes> {
    let old = &*item.current.value;
    let mut text = file.edit(old)?;
    if !old.ends_with(b"\n") && text.ends_with(b"\n") {
        text.pop();
    }
    if is_nothing(&text) && !is_nothing(old) && !args.empty {
        let edit = again::command(&format!("edit {environment}/{} --empty", item.name), context);
        return Err(Error::usage("the value is empty").hint(format!("nothing was written; if you mean it: {edit}")));
    }
    if text.len() > MAX_VALUE {
        return Err(Error::usage(format!("the value is larger than {} KiB", MAX_VALUE >> 10)));
    }
    Ok(Changes::of_item(item, SecretBytes::new(text.to_vec())))
}

/// How often a text is opened where there is no terminal.
const MOST_BY_A_SCRIPT: u32 = 3;

/// The items that a .env line can hold, as a text that is opened again until it can be read.
fn edit_environment(
    content: &Content,
    others: &BTreeSet<ItemName>,
    file: &EditedFile,
    environment: &EnvironmentName,
    args: &Args,
) -> Result<Changes> {
    let shown: Vec<&Item> = content.items().values().collect();
    let heading = heading(environment, others);
    let original = joined(&[heading.as_bytes(), &write(&shown)?]);
    let mut text = file.edit(&original)?;
    let mut opened = 1;
    loop {
        if text == original {
            return Ok(Changes::default());
        }
        // With the line that a message takes, so that the message's number is right where it is read.
        let error = match Changes::of_text(&joined(&[b"#\n", &text]), &shown, others, args) {
            Ok(changes) => return Ok(changes),
            Err(error) => error,
        };
        // A script makes the same error for ever.
        if opened == MOST_BY_A_SCRIPT && !std::io::stdin().is_terminal() {
            return Err(error.hint("nothing was written"));
        }
        opened += 1;
        let again = file.edit(&joined(&[format!("{MESSAGE}{error}\n").as_bytes(), &text]))?;
        let again = without_message(&again);
        if *again == *text {
            return Err(error.hint("nothing was written"));
        }
        text = again;
    }
}

fn write(items: &[&Item]) -> Result<SecretBytes> {
    let items: Vec<_> =
        items.iter().map(|item| exported(item)).map(|item| export::Item { note: None, ..item }).collect();
    export::write(Format::Dotenv, &items)
}

fn heading(environment: &EnvironmentName, others: &BTreeSet<ItemName>) -> String {
    let mut text = format!(
        "# {environment}: change values, add or remove lines; save and leave. Unchanged, nothing is written.\n"
    );
    if !others.is_empty() {
        let names: Vec<_> = others.iter().map(ItemName::as_str).collect();
        text += &format!("# Not here, as no .env line can hold them: {} (vault edit NAME)\n", names.join(", "));
    }
    text + "\n"
}

const MESSAGE: &str = "# error: ";

/// The text that the user wrote below what was wrong with it.
fn without_message(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let has_message = text.starts_with(MESSAGE.as_bytes());
    let rest = text.iter().position(|byte| *byte == b'\n').filter(|_| has_message).map_or(0, |end| end + 1);
    joined(&[&text[rest..]])
}

/// Its memory is taken at once, so that no copy is left behind by growing.
fn joined(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
    parts.iter().for_each(|part| text.extend_from_slice(part));
    text
}
