//! One entry of the log.

use super::action::Action;
use super::statement::Statement;
use crate::secret::TextPart;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The name of the program of entries for what `vault` itself does.
pub(super) const VAULT: &str = "vault";

/// How the action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It succeeded, or values are about to be handed out.
    Ok,
    /// The user had no right to do it.
    Denied,
    /// It failed, for example because of a wrong passphrase.
    Failed,
}

impl Outcome {
    /// Returns the outcome's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// One entry of the log, for reading it. Only the library makes entries and appends them, each with what it does, so a
/// front end can write into nobody's log:
///
/// ```compile_fail,E0603
/// use vault::log::Writer;
/// ```
///
/// ```compile_fail,E0624
/// vault::log::Entry::new(vault::log::Action::Get);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When the entry was written, by this machine's clock. Set on writing.
    pub time: Time,
    /// What was done.
    pub action: Action,
    /// The environment, if the action concerns one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The names of the items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<TextPart>,
    /// The id of the list of items, if the list is long. Later entries in the segment give the id instead of the names
    /// ([`Line::items`](super::Line::items)). Set on writing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// The program that was given values, or that asked for the change: the command's name for `exec`, `sh` for `rotate
    /// --command`, the client's name for `vault serve`, otherwise `vault`.
    #[serde(serialize_with = "crate::redact::serde_text::serialize")]
    pub program: String,
    /// The name of the machine.
    pub host: String,
    /// How the action ended.
    pub outcome: Outcome,
    /// The reason that the user gave.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::redact::serde_option::serialize"
    )]
    pub reason: Option<String>,
    /// Anything else: the user whom a change affected, why it was refused, or that an unfinished entry was removed.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::redact::serde_option::serialize"
    )]
    pub note: Option<String>,
    /// The user's signed statement about the archived segments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Box<Statement>>,
}

impl Entry {
    /// Returns an entry for an action of `vault` itself, now, on this machine, that succeeded.
    #[must_use]
    pub(crate) fn new(action: Action) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self {
            time: Time::now(),
            action,
            environment: None,
            items: Vec::new(),
            list: None,
            program: VAULT.to_owned(),
            host,
            outcome: Outcome::Ok,
            reason: None,
            note: None,
            archive: None,
        }
    }

    /// Returns the entry with this environment.
    #[must_use]
    pub(crate) fn environment(mut self, name: &crate::name::EnvironmentName) -> Self {
        self.environment = Some(name.to_string());
        self
    }

    /// Returns the entry with these items.
    #[must_use]
    pub(crate) fn items<N: ToString>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.items = names.into_iter().map(|name| name.to_string().into()).collect();
        self
    }

    /// Returns the entry with a note, such as the affected user or the reason of a refusal. A note never contains a
    /// value.
    #[must_use]
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Returns the entry with this outcome.
    #[must_use]
    pub(crate) fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Whether the values of the entry's items were about to be handed out.
    #[must_use]
    pub(crate) fn handed_out(&self) -> bool {
        self.outcome == Outcome::Ok && self.action.gives_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_values_are_given_out_depends_only_on_the_action() {
        let handed_out = |action: Action, program: &str| {
            let entry = Entry { program: program.to_owned(), ..Entry::new(action) };
            assert!(!entry.clone().outcome(Outcome::Denied).handed_out());
            entry.handed_out()
        };
        for program in ["vault", "sh", "a client of vault serve"] {
            for action in [Action::Get, Action::Exec, Action::RotateCommand] {
                assert!(handed_out(action, program), "{action:?} by {program}");
            }
            for action in [Action::Set, Action::Remove, Action::Rotate, Action::Unlock] {
                assert!(!handed_out(action, program), "{action:?} by {program}");
            }
        }
    }
}
