//! `vault undo`: takes back the last change.

use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::log::Action;
use vault::name::{EnvironmentName, ItemName};
use vault::time::Time;
use vault::undo::{Fate, Part, Record};
use vault::words::plural;

/// What set, rm, mv, cp, edit, rollback, rotate, import, env add, env copy or env rm did last comes undone, all of it, as
/// one new version. It must be less than a day ago, on this device; nothing is undone where somebody changed the same items
/// since. After an undo, vault undo does the change again.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only say what would be undone
    #[arg(long)]
    dry_run: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let mut session = context.session()?;
    let record = session.last_change()?;
    // The roster is signed with the keys themselves, which the agent gives to nobody.
    if record.changes_roster() && session.agent().is_some() {
        session = context.identity_session()?;
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
        (true, false) => "Done again",
        (true, true) => "Would do again",
    };
    let undone = if record.is_undo { "undone " } else { "" };
    context.ui.done(&format!("{verb}: {}, {undone}{}.", what(&record), ago(record.time, Time::now())));
    Ok(ExitCode::SUCCESS)
}

/// What was done, as a noun: `import of 4 items into dev`.
fn what(record: &Record) -> String {
    let parts = record.done.as_deref().unwrap_or_default();
    let items = items(parts);
    if let (Action::Copy, [(environment, name)]) = (record.action, &items[..]) {
        return format!("copy to {environment}/{name}");
    }
    match (record.action, parts) {
        (Action::EnvAdd, [part]) => format!("addition of environment {}", part.environment),
        (Action::EnvRemove, [part]) => {
            let holds =
                if items.is_empty() { String::new() } else { format!(" with its {}", plural(items.len(), "item")) };
            format!("removal of environment {}{holds}", part.environment)
        }
        (Action::Move, _) => moved(parts, record.is_undo).unwrap_or_else(|| in_words("move", &items, "in", parts)),
        (Action::Copy | Action::EnvCopy, _) => in_words("copy", &items, "to", parts),
        (Action::Import, _) => in_words("import", &items, "into", parts),
        (Action::Remove, _) => in_words("removal", &items, "from", parts),
        (Action::Rotate, _) => in_words("rotation", &items, "in", parts),
        (action, _) => in_words(action.word(), &items, "in", parts),
    }
}

fn items(parts: &[Part]) -> Vec<(&EnvironmentName, &ItemName)> {
    parts.iter().flat_map(|part| part.after.keys().map(|name| (&part.environment, name))).collect()
}

fn in_words(noun: &str, items: &[(&EnvironmentName, &ItemName)], preposition: &str, parts: &[Part]) -> String {
    if let [(environment, name)] = items {
        return format!("{noun} of {environment}/{name}");
    }
    let environments: Vec<_> = parts.iter().map(|part| part.environment.as_str()).collect();
    let new = if parts.iter().any(|part| part.fate == Fate::Added) { " (new)" } else { "" };
    format!("{noun} of {} {preposition} {}{new}", plural(items.len(), "item"), environments.join(" and "))
}

/// From where an item went to where, each of which is one of two.
fn moved(parts: &[Part], is_undo: bool) -> Option<String> {
    let (mut from, mut to) = (None, None);
    for part in parts {
        for (name, after) in &part.after {
            // What an undone move removed is where the item had gone.
            let is_source = after.is_none() != is_undo;
            let place = if is_source { &mut from } else { &mut to };
            *place = Some(format!("{}/{name}", part.environment));
        }
    }
    Some(format!("move of {} to {}", from?, to?))
}
