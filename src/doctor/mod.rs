//! Checks everything that can be wrong around a vault, and names the step that fixes it. The checks change nothing, and
//! no finding shows a value.
//!
//! Each subject has a module that returns its findings. It also reports what is fine, so that somebody who looks for a
//! fault sees what was checked.

mod agent;
mod blocks;
mod clock;
mod drafts;
mod examine;
mod filesystem;
mod log;
mod modes;
mod plain_files;
mod repository;
mod servers;
mod shell;
mod state;
mod unlocked;
mod users;
mod values;

pub use agent::Agents;
pub use examine::{Report, Surroundings, UserShell, examine};

use crate::error::{Error, Hint, Kind, Remedy};
use crate::words;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Everything is as it should be.
    Ok,
    /// Worth knowing; it may be intended.
    Note,
    /// Something should be fixed.
    Fix,
}

impl Level {
    /// Returns the level's name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Fix => "fix",
        }
    }
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much the finding matters.
    pub level: Level,
    /// The check that found it, as a word that programs can match.
    pub check: &'static str,
    /// What the finding is about: a file name, or what was checked.
    pub subject: String,
    /// What was found, in words.
    pub what: String,
    /// What fixes it: a command to type, or words if no command does.
    pub remedy: Option<Hint>,
}

impl Finding {
    fn new(level: Level, check: &'static str, subject: impl Into<String>, what: impl Into<String>) -> Self {
        Self { level, check, subject: subject.into(), what: what.into(), remedy: None }
    }

    fn ok(check: &'static str, subject: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(Level::Ok, check, subject, what)
    }

    fn note(check: &'static str, subject: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(Level::Note, check, subject, what)
    }

    fn fix(check: &'static str, subject: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(Level::Fix, check, subject, what)
    }

    fn command(self, command: impl Into<Hint>) -> Self {
        Self { remedy: Some(command.into()), ..self }
    }

    /// Turns an error into a finding, with the error's hint as the remedy.
    fn of_error(check: &'static str, subject: impl Into<String>, error: &Error) -> Self {
        let finding = Self::fix(check, subject, error.to_string());
        Self { remedy: error.advice().cloned(), ..finding }
    }

    /// Reports why there is no vault to check. If there is none, nothing is wrong.
    fn unopened(subject: impl Into<String>, error: &Error) -> Self {
        match error.kind() {
            Kind::NotFound => Self::note("vault", "vault", error.to_string()).command(Remedy::Create),
            _ => Self::of_error("vault", subject, error),
        }
    }

    /// Reports that some checks were left out because they need an unlocked vault.
    fn locked() -> Self {
        Self::note("values", "values", "locked: values and the access log were not checked").command(Remedy::Unlock)
    }
}

/// Joins names into a list that is short enough for one line.
fn several<N: ToString>(names: impl IntoIterator<Item = N>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    words::several(&names, true)
}

#[cfg(test)]
mod tests;
