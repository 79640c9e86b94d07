//! The purpose for which values are read, as it is logged before they are handed out.

use crate::log::{Action, Entry};
use crate::name::EnvironmentName;
use crate::secret::TextPart;

/// The purpose for which values are read, and its log entry.
#[derive(Debug, Clone)]
pub struct Purpose(Entry);

impl Purpose {
    /// Creates a purpose: to do this action.
    #[must_use]
    pub fn new(action: Action) -> Self {
        Self(Entry::new(action))
    }

    /// Returns the action.
    pub(super) fn action(&self) -> Action {
        self.0.action
    }

    /// Names the program that is given the values.
    #[must_use]
    pub fn program(mut self, name: impl Into<String>) -> Self {
        self.0.program = name.into();
        self
    }

    /// Adds a note for the log, which must not contain a value.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Self(self.0.note(note))
    }

    /// Names the items that were asked for, so that the log names them if they are refused.
    #[must_use]
    pub fn items<N: ToString>(self, names: impl IntoIterator<Item = N>) -> Self {
        Self(self.0.items(names))
    }

    /// Returns the log entry for this environment.
    pub(super) fn entry(&self, environment: &EnvironmentName) -> Entry {
        self.0.clone().environment(environment)
    }

    /// Returns the log entry to be written before these items are handed out.
    pub(super) fn given(&self, environment: &EnvironmentName, items: Vec<TextPart>) -> Entry {
        Entry { items, ..self.entry(environment) }
    }
}
