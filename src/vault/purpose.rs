//! The purpose for which values are read, as it is logged before they are handed out.

use crate::log::{Action, Entry, ProgramName};
use crate::name::EnvironmentName;
use crate::secret::TextPart;

/// The purpose for which values are read, and its log entry.
///
/// A front end names what it does with the values. It can't read them as an action that only compares them, which no
/// protected environment asks about and `exposure` doesn't count:
///
/// ```compile_fail
/// vault::vault::Purpose::new(vault::log::Action::Scan);
/// ```
#[derive(Debug, Clone)]
pub struct Purpose(Entry);

/// What a front end itself uses values for after they leave the library. What has rules of its own, such as handing values
/// to a program, is an action ([`crate::actions`]), and only the action names it in the log: so an entry `exec` means that
/// these rules held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// They are printed, or given to the client of a server.
    Get,
    /// They are opened in an editor.
    Edit,
    /// They are shown for two states of the file.
    Diff,
}

impl Use {
    /// Every use.
    #[cfg(test)]
    const ALL: [Self; 3] = [Self::Get, Self::Edit, Self::Diff];

    fn action(self) -> Action {
        match self {
            Self::Get => Action::Get,
            Self::Edit => Action::Edit,
            Self::Diff => Action::Diff,
        }
    }
}

impl Purpose {
    /// Creates a purpose: to use the values in this way.
    #[must_use]
    pub fn new(used: Use) -> Self {
        Self::for_action(used.action())
    }

    /// Creates a purpose of the library itself, which may keep the values to itself, or need only names.
    pub(crate) fn for_action(action: Action) -> Self {
        Self(Entry::new(action))
    }

    /// Returns the action.
    pub(super) fn action(&self) -> Action {
        self.0.action
    }

    /// Names the program that is given the values.
    #[must_use]
    pub fn program(mut self, name: &ProgramName) -> Self {
        name.as_str().clone_into(&mut self.0.program);
        self
    }

    /// Adds a note for the log, which must not contain a value.
    pub(crate) fn note(self, note: impl Into<String>) -> Self {
        Self(self.0.note(note))
    }

    /// Names the items that were asked for, so that the log names them if they are refused.
    pub(crate) fn items<N: ToString>(self, names: impl IntoIterator<Item = N>) -> Self {
        Self(self.0.items(names))
    }

    /// Returns the log entry for this environment.
    pub(crate) fn entry(&self, environment: &EnvironmentName) -> Entry {
        self.0.clone().environment(environment)
    }

    /// Returns the log entry to be written before these items are handed out.
    pub(super) fn given(&self, environment: &EnvironmentName, items: Vec<TextPart>) -> Entry {
        Entry { items, ..self.entry(environment) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_use_counts_as_a_read_and_needs_confirmation_in_a_protected_environment() {
        use Action::{Exec, Export, History, Hook, Render};
        let by_actions = [Exec, Export, History, Hook, Render];
        for action in Use::ALL.map(Use::action).into_iter().chain(by_actions) {
            assert!(action.gives_values() && action.uses_values(), "{action:?}");
        }
    }
}
