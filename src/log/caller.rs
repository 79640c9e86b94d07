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

    /// Adds the reason that the user gave.
    #[must_use]
    pub fn reason(self, reason: Option<String>) -> Self {
        Self { reason, ..self }
    }

    /// Whether the user gave a reason.
    pub(crate) fn has_reason(&self) -> bool {
        self.reason.is_some()
    }

    /// Returns the entry for an action that this program asked for.
    pub(crate) fn entry(&self, action: Action) -> Entry {
        self.asked_for(Entry::new(action))
    }

    /// Names this program in an entry, unless the entry names the program that is given values, and adds the reason. The
    /// note goes behind what the entry's own note says.
    pub(crate) fn asked_for(&self, mut entry: Entry) -> Entry {
        if entry.program == VAULT {
            entry.program.clone_from(&self.program);
        }
        if let Some(by) = &self.note {
            entry.note = Some(entry.note.map_or_else(|| by.clone(), |note| format!("{note}, {by}")));
        }
        entry.reason.clone_from(&self.reason);
        entry
    }
}
