//! Commands in hints: whoever follows one must meet the same vault and environment as the run that gave it.

use super::context::Context;
use crate::cli::showing::remedies;
use vault::Error;
use vault::name::EnvironmentName;
use vault::path::shell_word;

/// The same error, with the commands in its hint on the same vault.
pub fn hinted(error: Error, context: &Context) -> Error {
    let Some(hint) = error.advice() else { return error };
    let hint = hint.worded(|remedy| {
        let words = remedies::command(remedy);
        words.strip_prefix("vault ").map_or_else(|| words.clone(), |rest| command(rest, context))
    });
    error.hint(hint)
}

/// `vault COMMAND` on the same vault, for a command that says itself which environment it is about.
pub fn command(command: &str, context: &Context) -> String {
    with(command, None, context)
}

/// The same in this environment, which is named if any was.
pub fn command_in(environment: &EnvironmentName, command: &str, context: &Context) -> String {
    with(command, context.names_environments().then(|| environment.to_string()), context)
}

/// The options stand right behind the command: what follows may be a program's own.
fn with(command: &str, environment: Option<String>, context: &Context) -> String {
    let (word, rest) = command.split_once(' ').unwrap_or((command, ""));
    let mut words = vec!["vault".to_owned(), word.to_owned()];
    if context.globals.personal {
        words.push("--personal".to_owned());
    } else if let Ok(Some(path)) = context.named_path() {
        words.extend(["--vault".to_owned(), shell_word(&path)]);
    }
    words.extend(environment.into_iter().flat_map(|name| ["-e".to_owned(), name]));
    words.extend(Some(rest).filter(|rest| !rest.is_empty()).map(str::to_owned));
    words.join(" ")
}
