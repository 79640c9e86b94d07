//! Everything that can be wrong around a vault, each with the step that fixes it. The checks change nothing, and no
//! finding shows a value.
//!
//! There is one module per subject, which returns what it found. It also reports what is fine, so that somebody who
//! looks for a fault sees what was checked.

mod agent;
mod blocks;
mod clock;
mod drafts;
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

pub use agent::{Agents, agent};
pub use blocks::blocks;
pub use clock::clock;
pub use drafts::drafts;
pub use modes::{key_file, vault_file};
pub use plain_files::plain_files;
pub use repository::repository;
pub use servers::servers;
pub use shell::{Shell, shell};
pub use state::state;
pub use unlocked::unlocked;
pub use users::users;

use crate::error::{Error, Hint, Remedy};
use crate::words;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is as it should be.
    Ok,
    /// Good to know; it may be meant so.
    Note,
    /// It should be mended.
    Fix,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Fix => "fix",
        }
    }
}

/// What was found out about one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// Which check it is from, in a word that programs can match.
    pub check: &'static str,
    /// What it is about: a file's name, or what was looked at.
    pub subject: String,
    /// What is so, in words.
    pub what: String,
    /// What mends it: a command as it is typed, or words where no command does.
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

    /// What an error says, with what its hint says to type.
    #[must_use]
    pub fn of_error(check: &'static str, subject: impl Into<String>, error: &Error) -> Self {
        let finding = Self::fix(check, subject, error.to_string());
        Self { remedy: error.advice().cloned(), ..finding }
    }

    /// That there is no vault to look at.
    #[must_use]
    pub fn no_vault(error: &Error) -> Self {
        Self::note("vault", "vault", error.to_string()).command(Remedy::Create)
    }

    /// What needs an unlocked vault and was not looked at.
    #[must_use]
    pub fn locked() -> Self {
        Self::note("values", "values", "locked: values and the access log were not checked").command(Remedy::Unlock)
    }
}

/// Names in a row, no more of them than a line takes well.
fn several<N: ToString>(names: impl IntoIterator<Item = N>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    words::several(&names, true)
}

#[cfg(test)]
mod tests;
