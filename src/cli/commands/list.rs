//! `vault list`: lists the items of an environment.

use crate::cli::generated::examples;
use crate::cli::options::metadata::KindArg;
use crate::cli::options::moment;
use crate::cli::showing::table::Yielding;
use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::hint_commands;
use std::borrow::Cow;
use std::process::ExitCode;
use std::time::Duration;
use vault::actions::list::{self, Listed, Scope, Shown};
use vault::item::find::{Search, Wanted};
use vault::item::{ANNOUNCED, Deliver, DueWindow, Outline};
use vault::name::{EnvironmentName, closest, quoted};
use vault::time::Time;
use vault::vault::{First, Session};
use vault::view::Secret;
use vault::words::{moment as date_of, plural, within};
use vault::{Error, Result};
use vault_values::parts::is_like_a_key;

/// Shows names, kinds and dates. What it shows of a value depends on the kind: all of a variable, the last 4 characters
/// of a long API key, and nothing of a secret.
///
/// With a pattern, --kind, --tag, --stale or --due, searches all environments that you may read, unless you name one. On
/// a terminal, long values and notes are shortened.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault list stripe" => "Find items in every environment",
    "vault list prod --stale 90d" => "List the items of prod whose values are older than 90 days",
})]
pub struct Args {
    /// A part of a name or a pattern such as AWS_*, also ENV/PATTERN; or the name of an environment. After -e, every word is
    /// a pattern
    #[arg(value_name = "PATTERN", add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    words: Vec<String>,
    /// Show all values, including those of secrets
    #[arg(long)]
    values: bool,
    /// Show only what is expired or due for replacement, now or within 7 days
    #[arg(long)]
    due: bool,
    /// With --due: within this time instead, such as 14d
    #[arg(long, value_name = "DURATION", requires = "due", value_parser = moment::ahead)]
    within: Option<Duration>,
    /// Show only values that have not changed for this long (90d), or since a date
    #[arg(long, value_name = "TIME")]
    stale: Option<String>,
    /// Show only items of this kind; separate several kinds with commas
    #[arg(long = "kind", value_name = "KIND", value_enum, value_delimiter = ',')]
    kinds: Vec<KindArg>,
    /// Show only items with this tag; if you give several tags, items with all of them
    #[arg(long = "tag", value_name = "WORD", value_delimiter = ',')]
    tags: Vec<String>,
    /// Show every column, and whole values and notes, even on a terminal
    #[arg(long)]
    wide: bool,
}

impl Args {
    fn ahead(&self) -> Duration {
        self.within.unwrap_or(ANNOUNCED)
    }

    /// Returns which values are shown. JSON has either all values or none.
    fn shown(&self, is_json: bool) -> Shown {
        match (self.values, is_json) {
            (true, _) => Shown::Values,
            (false, true) => Shown::Names,
            (false, false) => Shown::OfKind,
        }
    }

    fn wanted(&self, now: Time) -> Result<Wanted> {
        Ok(Wanted {
            kinds: self.kinds.iter().map(|kind| kind.kind()).collect(),
            tags: self.tags.clone(),
            stale: self.stale.as_deref().map(moment::stale).transpose()?,
            due: self.due.then(|| DueWindow::new(now, self.ahead())),
        })
    }
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let wanted = args.wanted(Time::now())?;
    let is_search = !args.words.is_empty() || wanted.is_given();
    let session = context.session_reading(if is_search { First::Unknown } else { First::Chosen })?;
    let search = search(args, &wanted, &session, context)?;
    let is_named = search.has_patterns() || wanted.is_given();
    let found = list::find(&session, &search, &wanted)?;
    context.show_warnings(session.vault());
    let mut all = found.read(&session, args.shown(context.ui.json))?;
    let count: usize = all.iter().map(Listed::count).sum();
    if count == 0 && search.has_patterns() {
        return Err(nothing_found(args, &all, &session));
    }
    if context.ui.json {
        context.ui.json_with_secrets(&objects(&all))?;
        return Ok(ExitCode::SUCCESS);
    }
    if count > 0 && is_named {
        all.retain(|listed| listed.count() > 0);
    }
    let mut is_cut = false;
    for listed in &all {
        is_cut |= print(listed, args, is_named, context)?;
    }
    if is_cut {
        context.ui.hint("every column, and whole values and notes: --wide");
    }
    Ok(ExitCode::SUCCESS)
}

fn objects(all: &[Listed]) -> Vec<Secret> {
    let object = |environment: &EnvironmentName, (item, value): (Outline<'_>, Option<Cow<'_, [u8]>>)| {
        let secret = Secret::new(environment, item);
        match value {
            Some(value) => secret.with_value(&value),
            None => secret,
        }
    };
    let objects_of = |listed: &Listed| -> Vec<Secret> {
        listed.items().into_iter().map(|item| object(&listed.environment, item)).collect()
    };
    all.iter().flat_map(objects_of).collect()
}

fn search(args: &Args, wanted: &Wanted, session: &Session, context: &Context) -> Result<Search> {
    let scope = Scope::by(context.named_environments(), session.vault())?;
    list::search(&args.words, wanted, &scope, session, || context.environments(session))
}

fn nothing_found(args: &Args, all: &[Listed], session: &Session) -> Error {
    let searched: Vec<&str> = all.iter().map(|listed| listed.environment.as_str()).collect();
    let looked_for: Vec<String> = args.words.iter().map(|word| repeated(word)).collect();
    let (looked_for, searched) = (looked_for.join(" or "), searched.join(", "));
    let error = Error::not_found(format!("no item matches {looked_for} in {searched}"));
    let known: Vec<&str> = session.vault().environments().map(EnvironmentName::as_str).collect();
    match args.words.iter().find_map(|word| closest(word, known.iter().copied())) {
        Some(environment) => {
            error.hint(format!("did you mean the environment {environment}? vault list {environment}"))
        }
        None => error.hint("give a part of a name, or a pattern such as AWS_*; vault list ENV shows every name"),
    }
}

/// Quotes a searched word for the error. A word that may be a pasted value is not repeated.
fn repeated(word: &str) -> String {
    const LONGEST: usize = 40;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-/*?[]'".contains(c);
    match word.len() <= LONGEST && word.chars().all(is_name) && !is_like_a_key(word) {
        true => quoted(word),
        false => "what you typed".to_owned(),
    }
}

/// Prints the items of an environment, and returns whether anything is not shown.
fn print(listed: &Listed, args: &Args, is_search: bool, context: &Context) -> Result<bool> {
    let (environment, items, now) = (&listed.environment, listed.items(), Time::now());
    let what = if args.due { format!(" due now or {}", within(args.ahead())) } else { String::new() };
    context.ui.line(&format!("{environment} · {}{what}", plural(items.len(), "item")))?;
    if items.is_empty() {
        if !is_search {
            let command = |command| hint_commands::command_in(environment, command, context);
            let (set, import) = (command("set NAME"), command("import .env"));
            context.ui.hint(&format!("to set one: {set}; to import a .env file: {import}"));
        }
        return Ok(false);
    }
    let header: &[&str] = &["NAME", "KIND", "VALUE", "UPDATED", "BY", "DUE", "DELIVER", "TAGS", "NOTE"];
    const VALUE: usize = 2;
    const NOTE: usize = 8;
    let rows: Vec<Vec<String>> = items.iter().map(|(item, value)| row(*item, value.as_deref(), now)).collect();
    if args.wide {
        return context.ui.table(header, &rows).map(|()| false);
    }
    context.ui.shortened_table(header, &rows, Yielding { shortened: &[VALUE, NOTE], kept: VALUE + 1 })
}

fn row(item: Outline<'_>, value: Option<&[u8]>, now: Time) -> Vec<String> {
    const HIDDEN: &str = "•••";
    let metadata = item.metadata();
    let value = value.map(|value| String::from_utf8_lossy(value).into_owned());
    vec![
        item.name().to_string(),
        metadata.kind.to_string(),
        value.unwrap_or_else(|| HIDDEN.to_owned()),
        ago(item.updated_at(), now),
        item.updated_by().to_string(),
        item.due().map_or(String::new(), |due| due_text(item, due, now)),
        delivery(item),
        metadata.tags.join(" "),
        metadata.note.clone().unwrap_or_default(),
    ]
}

/// Says how commands get the item, unless they get it in the usual variable.
fn delivery(item: Outline<'_>) -> String {
    match item.metadata().deliver {
        Deliver::Variable if item.is_plain() => String::new(),
        Deliver::Variable => format!("as {}", item.variable()),
        Deliver::File => format!("file, path in {}", item.variable()),
        Deliver::None => "none".to_owned(),
    }
}

fn due_text(item: Outline<'_>, due: Time, now: Time) -> String {
    let date = date_of(due, now);
    match (item.is_expired(now), due <= now) {
        (true, _) => format!("expired {date}"),
        (false, true) if item.current().rotate_due().is_some() => "now: somebody who knew it lost access".to_owned(),
        (false, true) => "now".to_owned(),
        (false, false) => date,
    }
}
