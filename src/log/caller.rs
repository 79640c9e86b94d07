//! The program that asks for something, as the log names it.

use super::action::Action;
use super::entry::{Entry, VAULT};

/// The program that asks for something, and why. A front end names itself with this. The library makes the log entry,
/// which says what was done.
#[derive(Debug, Clone)]
pub struct Caller {
    program: String,
    note: Option<String>,
    reason: Option<String>,
}

impl Default for Caller {
    /// `vault` itself.
    fn default() -> Self {
        Self::new(VAULT)
    }
}

impl Caller {
    /// Names a program.
    #[must_use]
    pub fn new(program: impl Into<String>) -> Self {
        Self { program: program.into(), note: None, reason: None }
    }

    /// Adds a note for the log, such as how the program is connected.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// Adds the reason that the user gave. A session has its own reason, which replaces this one.
    #[must_use]
    pub fn reason(self, reason: Option<String>) -> Self {
        Self { reason, ..self }
    }

    /// Returns the entry for an action that this program asked for.
    pub(crate) fn entry(&self, action: Action) -> Entry {
        let Self { program, note, reason } = self.clone();
        Entry { program, note, reason, ..Entry::new(action) }
    }
}
