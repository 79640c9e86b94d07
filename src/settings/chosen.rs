//! What the user, a shell and a terminal say with variables. An empty variable says nothing, except that
//! an empty VAULT_FILE is an error: a script that meant one vault must not use another.

use super::Variable;
use crate::error::{Error, Result};
use crate::name::UserName;
use std::ffi::OsString;
use std::path::PathBuf;

/// Returns the names in VAULT_ENV. They are not checked.
pub(crate) fn chosen_environments() -> Vec<String> {
    names_in(Variable::Env.text().as_deref())
}

/// Returns the dangerous names in VAULT_ALLOW_NAMES.
#[must_use]
pub(crate) fn allowed_names() -> Vec<String> {
    names_in(Variable::AllowNames.text().as_deref())
}

/// Returns the path of the vault that VAULT_FILE names, if any.
///
/// # Errors
/// If the variable is empty.
pub fn chosen_vault() -> Result<Option<PathBuf>> {
    vault_in(Variable::File.value())
}

/// Returns the user that VAULT_USER names, if any.
///
/// # Errors
/// If it is not a user's name.
pub fn chosen_user() -> Result<Option<UserName>> {
    Variable::User.text().map(UserName::new).transpose()
}

/// Returns the login name; `None` if no variable has it.
#[must_use]
pub fn login_name() -> Option<String> {
    Variable::Login.text().or_else(|| Variable::LoginName.text())
}

/// Returns the user's login shell, if SHELL names one.
#[must_use]
pub fn login_shell() -> Option<PathBuf> {
    Variable::Shell.filled().map(PathBuf::from)
}

/// Returns the environments of the shell that `vault shell` started, separated by commas; `None` outside such a shell.
#[must_use]
pub fn environments_of_shell() -> Option<String> {
    Variable::InShell.text()
}

/// Returns the type of the terminal; `None` if it is unknown, or if the terminal knows no escape sequences.
#[must_use]
pub fn terminal_type() -> Option<String> {
    Variable::Term.text().filter(|terminal| terminal != "dumb")
}

/// A kind of display server. Its display has a clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisplayServer {
    /// A Wayland compositor.
    Wayland,
    /// An X11 server.
    X11,
}

impl DisplayServer {
    /// Returns whether this process is in a session with such a display. A session can have both.
    #[must_use]
    pub fn is_there(self) -> bool {
        let display = match self {
            Self::Wayland => Variable::WaylandDisplay.filled(),
            Self::X11 => Variable::Display.filled(),
        };
        display.is_some()
    }
}

/// Returns the index of the word to complete, if the shell's script passes it.
#[must_use]
pub fn completed_word() -> Option<usize> {
    Variable::CompletedWord.text().and_then(|index| index.parse().ok())
}

/// Splits a list at its commas. Spaces around a name don't count, and neither does an empty name.
fn names_in(list: Option<&str>) -> Vec<String> {
    let names = list.unwrap_or_default().split(',').map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn vault_in(value: Option<OsString>) -> Result<Option<PathBuf>> {
    match value {
        Some(path) if path.is_empty() => {
            Err(Error::usage(format!("{} is empty: it names the vault's file", Variable::File.name())))
        }
        path => Ok(path.map(PathBuf::from)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_split_at_commas_and_empty_names_are_left_out() {
        assert_eq!(names_in(Some("dev, prod ,,\tci,")), ["dev", "prod", "ci"]);
        for nothing in [None, Some(""), Some(" , ,")] {
            assert_eq!(names_in(nothing), Vec::<String>::new());
        }
    }

    #[test]
    fn an_empty_path_of_a_vault_is_an_error() {
        assert_eq!(vault_in(None), Ok(None));
        assert_eq!(vault_in(Some("a.vault".into())), Ok(Some(PathBuf::from("a.vault"))));
        assert!(vault_in(Some(OsString::new())).is_err_and(|error| error.to_string().contains("VAULT_FILE is empty")));
    }
}
