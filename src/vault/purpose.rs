//! Why values are read: what the log says of it, before anything is given.

use crate::log::{Action, Entry};
use crate::name::EnvironmentName;
use crate::secret::TextPart;

/// Why values are read, and what the log will say of it.
#[derive(Debug, Clone)]
pub struct Purpose(Entry);

impl Purpose {
    /// To do this.
    #[must_use]
    pub fn new(action: Action) -> Self {
        Self(Entry::new(action))
    }

    /// What is done.
    pub(super) fn action(&self) -> Action {
        self.0.action
    }

    /// The same for another program, which is given the values.
    #[must_use]
    pub fn program(mut self, name: impl Into<String>) -> Self {
        self.0.program = name.into();
        self
    }

    /// The same with something to say beside. Never a value.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Self(self.0.note(note))
    }

    /// The same, where these items were asked for by name: a refusal tells which they were.
    #[must_use]
    pub fn items<N: ToString>(self, names: impl IntoIterator<Item = N>) -> Self {
        Self(self.0.items(names))
    }

    /// What the log says of it in this environment.
    pub(super) fn entry(&self, environment: &EnvironmentName) -> Entry {
        self.0.clone().environment(environment)
    }

    /// What the log says before these items are given.
    pub(super) fn given(&self, environment: &EnvironmentName, items: Vec<TextPart>) -> Entry {
        Entry { items, ..self.entry(environment) }
    }
}
