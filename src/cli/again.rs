//! Commands in hints: whoever follows one must meet the same vault and environment as the run that gave it.

use super::context::Context;
use std::ffi::OsStr;
use std::path::Path;
use vault::name::EnvironmentName;

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
        words.extend(["--vault".to_owned(), quoted(path.as_os_str())]);
    }
    words.extend(environment.into_iter().flat_map(|name| ["-e".to_owned(), name]));
    words.extend(Some(rest).filter(|rest| !rest.is_empty()).map(str::to_owned));
    words.join(" ")
}

/// A path as a word for a shell; one that begins with a hyphen is no option then.
pub fn path(path: &Path) -> String {
    let text = quoted(path.as_os_str());
    if text.starts_with('-') { format!("./{text}") } else { text }
}

/// A word for a shell.
fn quoted(text: &OsStr) -> String {
    let text = text.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "_-./,:@%+=".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[test]
fn a_word_is_quoted_where_a_shell_would_change_it() {
    assert_eq!(quoted(OsStr::new("a/b.env")), "a/b.env");
    assert_eq!(quoted(OsStr::new("it's $A")), "'it'\\''s $A'");
    assert_eq!(path(Path::new("-x")), "./-x");
}
