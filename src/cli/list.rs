//! `vault list`: the items of an environment.

use super::again;
use super::context::Context;
use super::object::{Secret, is_hidden, shown};
use super::words::{ago, moment, plural};
use std::process::ExitCode;
use vault::Result;
use vault::item::{Content, Item};
use vault::log::{Action, Entry};
use vault::name::EnvironmentName;
use vault::time::Time;
use vault::vault::Session;

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

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    let found = found(args, &session, context)?;
    context.show_warnings(session.vault());
    let now = Time::now();
    let chosen = |item: &&Item| {
        let due = !args.due || item.is_due(now) || item.is_due_soon(now);
        due && args.tag.as_ref().is_none_or(|tag| item.metadata.tags.contains(tag))
    };
    // Only values are a use worth an entry, also those of variables and the ends of keys: names are what everybody who
    // unlocks sees.
    let leaves = |item: &&Item| args.values || !context.ui.json && !is_hidden(item.metadata.kind, &item.current.value);
    let entry = |(environment, content): &(EnvironmentName, Content)| {
        let items = content.items().values().filter(chosen).filter(leaves);
        let names: Vec<_> = items.map(|item| &item.name).collect();
        (!names.is_empty()).then(|| Entry::new(Action::List).environment(environment).items(names))
    };
    let entries: Vec<_> = found.iter().filter_map(entry).collect();
    if !entries.is_empty() {
        session.log(entries)?;
    }
    if context.ui.json {
        let object = |environment: &EnvironmentName, item: &Item| {
            let secret = Secret::new(environment, item);
            if args.values { secret.with_value(&item.current.value) } else { secret }
        };
        let chosen_of = |(environment, content): &(EnvironmentName, Content)| -> Vec<Secret> {
            content.items().values().filter(chosen).map(|item| object(environment, item)).collect()
        };
        context.ui.json_with_secrets(&found.iter().flat_map(chosen_of).collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    for (environment, content) in &found {
        let items: Vec<&Item> = content.items().values().filter(chosen).collect();
        print(environment, &items, args, context, now)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is due is looked for everywhere, unless an environment was named.
fn found(args: &Args, session: &Session, context: &Context) -> Result<Vec<(EnvironmentName, Content)>> {
    if args.due && !context.names_environments() {
        return Ok(session.read_all()?.into_iter().collect());
    }
    let mut found = Vec::new();
    for environment in context.environments(session)? {
        let entry = Entry::new(Action::List).environment(&environment);
        let content = session.read(&environment).map_err(|error| session.log_refusal(entry, error))?;
        found.push((environment, content));
    }
    Ok(found)
}

fn print(environment: &EnvironmentName, items: &[&Item], args: &Args, context: &Context, now: Time) -> Result<()> {
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
    let rows: Vec<Vec<String>> = items.iter().map(|item| row(item, args.values, now)).collect();
    context.ui.table(header, &rows)
}

fn row(item: &Item, values: bool, now: Time) -> Vec<String> {
    let metadata = &item.metadata;
    let value = if values {
        String::from_utf8_lossy(&item.current.value).replace('\n', "\\n")
    } else {
        shown(metadata.kind, &item.current.value).replace('\n', "\\n")
    };
    vec![
        item.name.to_string(),
        metadata.kind.to_string(),
        value,
        ago(item.updated_at, now),
        item.updated_by.to_string(),
        item.due().map_or(String::new(), |due| due_text(item, due, now)),
        metadata.tags.join(" "),
        metadata.note.clone().unwrap_or_default().replace('\n', " "),
    ]
}

fn due_text(item: &Item, due: Time, now: Time) -> String {
    let date = moment(due, now);
    match (item.is_expired(now), due <= now) {
        (true, _) => format!("expired {date}"),
        (false, true) if item.current.rotate_due.is_some() => "now: somebody who knew it lost access".to_owned(),
        (false, true) => "now".to_owned(),
        (false, false) => date,
    }
}
