//! `vault list`: the items of an environment.

use crate::cli::showing::object::Secret;
use crate::cli::showing::words::{ago, moment, plural};
use crate::cli::unlocking::again;
use crate::cli::unlocking::context::Context;
use std::collections::BTreeMap;
use std::process::ExitCode;
use vault::Result;
use vault::item::{Content, Item, Outline};
use vault::log::Action;
use vault::name::EnvironmentName;
use vault::time::Time;
use vault::vault::{Purpose, Session, Unread};

/// Names, kinds and dates. Of values only what their kind allows is shown: a variable whole, of a long API key the last 4
/// characters, of a secret nothing.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show all values, those of secrets as well
    #[arg(long)]
    values: bool,
    /// Only what is expired, should be replaced, or will be within a day; in all environments you read unless one is named
    #[arg(long)]
    due: bool,
    /// Only items with this tag
    #[arg(long, value_name = "WORD")]
    tag: Option<String>,
}

/// An environment's items, each with its value where that is shown.
struct Listed {
    environment: EnvironmentName,
    /// Those whose values are shown.
    read: Content,
    /// The others.
    unread: Unread,
}

impl Listed {
    /// By name.
    fn items(&self) -> Vec<(Outline<'_>, Option<&Item>)> {
        let read = self.read.items().values().map(|item| (item.outline(), Some(item)));
        let mut items: Vec<_> = read.chain(self.unread.items().map(|item| (item, None))).collect();
        items.sort_by_key(|(item, _)| item.name());
        items
    }
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    let now = Time::now();
    let all = listed(args, &session, now, context)?;
    if context.ui.json {
        let object = |environment: &EnvironmentName, (item, read): (Outline<'_>, Option<&Item>)| {
            let secret = Secret::new(environment, item);
            match read {
                Some(item) => secret.with_value(&item.current.value),
                None => secret,
            }
        };
        let objects_of = |listed: &Listed| -> Vec<Secret> {
            listed.items().into_iter().map(|item| object(&listed.environment, item)).collect()
        };
        context.ui.json_with_secrets(&all.iter().flat_map(objects_of).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    for listed in &all {
        print(&listed.environment, &listed.items(), args, context, now)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Only values are a use worth an entry, also those of variables and the ends of keys: names are what everybody who
/// unlocks sees.
fn listed(args: &Args, session: &Session, now: Time, context: &Context) -> Result<Vec<Listed>> {
    let purpose = Purpose::new(Action::List);
    let (mut leaving, mut staying) = (Vec::new(), Vec::new());
    for unread in found(args, &purpose, session, context)? {
        let chosen = unread.only(|item| {
            let due = !args.due || item.is_due(now) || item.is_due_soon(now);
            due && args.tag.as_ref().is_none_or(|tag| item.metadata().tags.contains(tag))
        });
        let (shown, hidden) = chosen.split(|item| args.values || !context.ui.json && !item.is_hidden());
        staying.push(hidden);
        leaving.push(shown);
    }
    context.show_warnings(session.vault());
    let mut read = BTreeMap::new();
    leaving.retain(|shown| shown.count() > 0);
    if !leaving.is_empty() {
        read.extend(session.read_all(&purpose, leaving)?);
    }
    let listed = staying.into_iter().map(|unread| {
        let environment = unread.environment().clone();
        Listed { read: read.remove(&environment).unwrap_or_default(), environment, unread }
    });
    Ok(listed.collect())
}

/// What is due is looked for everywhere, unless an environment was named.
fn found(args: &Args, purpose: &Purpose, session: &Session, context: &Context) -> Result<Vec<Unread>> {
    if args.due && !context.names_environments() {
        return session.open_readable();
    }
    context.environments(session)?.iter().map(|environment| session.open(purpose, environment)).collect()
}

fn print(
    environment: &EnvironmentName,
    items: &[(Outline<'_>, Option<&Item>)],
    args: &Args,
    context: &Context,
    now: Time,
) -> Result<()> {
    let count = items.len();
    let what = if args.due { "due now or within a day" } else { "" };
    context.ui.line(format!("{environment} · {} {what}", plural(count, "item")).trim_end())?;
    if items.is_empty() {
        if !args.due && args.tag.is_none() {
            let command = |command| again::command_in(environment, command, context);
            let (set, import) = (command("set NAME"), command("import .env"));
            context.ui.hint(&format!("to set one: {set}; to import a .env file: {import}"));
        }
        return Ok(());
    }
    let header: &[&str] = &["NAME", "KIND", "VALUE", "UPDATED", "BY", "DUE", "TAGS", "NOTE"];
    let rows: Vec<Vec<String>> = items.iter().map(|(item, read)| row(*item, *read, args.values, now)).collect();
    context.ui.table(header, &rows)
}

fn row(item: Outline<'_>, read: Option<&Item>, values: bool, now: Time) -> Vec<String> {
    const HIDDEN: &str = "•••";
    let metadata = item.metadata();
    let value = read.and_then(|item| match values {
        true => Some(String::from_utf8_lossy(&item.current.value).into_owned()),
        false => item.shown(),
    });
    vec![
        item.name().to_string(),
        metadata.kind.to_string(),
        value.map_or(HIDDEN.to_owned(), |value| value.replace('\n', "\\n")),
        ago(item.updated_at(), now),
        item.updated_by().to_string(),
        item.due().map_or(String::new(), |due| due_text(item, due, now)),
        metadata.tags.join(" "),
        metadata.note.clone().unwrap_or_default().replace('\n', " "),
    ]
}

fn due_text(item: Outline<'_>, due: Time, now: Time) -> String {
    let date = moment(due, now);
    match (item.is_expired(now), due <= now) {
        (true, _) => format!("expired {date}"),
        (false, true) if item.current().rotate_due().is_some() => "now: somebody who knew it lost access".to_owned(),
        (false, true) => "now".to_owned(),
        (false, false) => date,
    }
}
