//! Completes names of items while an agent or a key opens the vault. Nothing is prompted for, printed, logged or
//! remembered.

use super::typed;
use crate::cli::globals::{BEHIND, Globals, environment_option, environments_behind};
use crate::cli::showing::ui::Ui;
use crate::cli::unlocking::context::Context;
use clap::{Args as _, FromArgMatches as _};
use std::ffi::OsString;
use vault::actions::list;
use vault::agent::Patience;
use vault::name::{EnvironmentName, NamedItem};

/// Returns the item names for the start of a word. `ENV/` gives names as `ENV/NAME`. Otherwise the names come from the
/// environments that the line or VAULT_ENV names, or from the default environment.
pub fn of_items(word: &str) -> Vec<String> {
    find(word).unwrap_or_default()
}

fn find(word: &str) -> Option<Vec<String>> {
    let context = context()?;
    let session = context.session_at_hand()?;
    let named = NamedItem::split(word).environment;
    let environments = match named {
        Some(environment) => vec![EnvironmentName::new(environment).ok()?],
        None => context.chosen().likely(session.vault(), Some(session.user())),
    };
    let readable = session.readable();
    let mut names = Vec::new();
    // Opening other environments would be refused, and the refusal would be logged.
    for environment in environments.iter().filter(|environment| readable.contains(environment)) {
        let shown = named.map(|_| environment);
        let items = list::names(&session, environment).ok()?;
        names.extend(items.iter().map(|name| NamedItem { environment: shown, name }.to_string()));
    }
    Some(names)
}

/// Returns a context with the vault, the user and the environments that the line to complete names.
fn context() -> Option<Context> {
    let mut words = vec![OsString::from("vault")];
    if typed::own_words().any(|word| word == "--personal") {
        words.push("--personal".into());
    } else if let Some(path) = typed::values_of(&["--vault"]).pop() {
        words.extend(["--vault".into(), typed::from_home(path).into_os_string()]);
    }
    words.extend(typed::values_of(&["--user"]).pop().into_iter().flat_map(|user| ["--user".into(), user]));
    words.extend(typed::values_of(&["-e", "--env"]).into_iter().flat_map(|name| ["-e".into(), name]));
    let command = Globals::augment_args(clap::Command::new("vault")).arg(environment_option(BEHIND));
    let matches = command.try_get_matches_from(words).ok()?;
    let globals = Globals::from_arg_matches(&matches).ok()?;
    let environments = environments_behind(&matches).unwrap_or_default();
    let ui = Ui::new(false, true, Default::default());
    Some(Context::new(ui, globals, environments, String::new).looking_back().without_questions(Patience::Completion))
}
