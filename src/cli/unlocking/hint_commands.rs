//! Commands in hints. A hint's command must apply to the same vault and environment as the run that printed it.

use super::context::Context;
use crate::cli::showing::remedies;
use vault::Error;
use vault::name::EnvironmentName;
use vault::path::shell_word;

/// Makes the commands in an error's hint name the same vault.
pub fn hinted(error: Error, context: &Context) -> Error {
    let Some(hint) = error.advice() else { return error };
    let hint = hint.worded(|remedy| {
        let words = remedies::command(remedy);
        words.strip_prefix("vault ").map_or_else(|| words.clone(), |rest| command(rest, context))
    });
    error.hint(hint)
}

/// Returns `vault COMMAND` on the same vault. The command itself names its environment, if it needs one.
pub fn command(command: &str, context: &Context) -> String {
    with(command, None, context)
}

/// Returns `vault COMMAND` on the same vault and in this environment. `-e` is given only if this run was given one.
pub fn command_in(environment: &EnvironmentName, command: &str, context: &Context) -> String {
    with(command, context.names_environments().then(|| environment.to_string()), context)
}

/// Puts the options right after the first word of the command, because a program's own options may follow.
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
