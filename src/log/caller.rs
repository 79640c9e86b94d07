//! The program that asks for something, as the log names it.

use super::action::Action;
use super::entry::{Entry, VAULT};
use super::reason::{GivenReason, ProgramName};

/// The program that asks for something, and why. A front end names itself with this. The library makes the log entry,
/// which says what was done.
#[derive(Debug, Clone)]
pub struct Caller {
    program: ProgramName,
    note: Option<&'static str>,
    reason: Option<GivenReason>,
}

impl Default for Caller {
    /// `vault` itself.
    fn default() -> Self {
        Self::new(ProgramName::vault())
    }
}

impl Caller {
    /// Names a program.
    #[must_use]
    pub fn new(program: ProgramName) -> Self {
        Self { program, note: None, reason: None }
    }

    /// Adds a note for the log, such as how the program is connected.
    #[must_use]
    pub fn note(self, note: &'static str) -> Self {
        Self { note: Some(note), ..self }
    }

    /// Adds the reason that the user gave.
    #[must_use]
    pub fn reason(self, reason: Option<GivenReason>) -> Self {
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
            self.program.as_str().clone_into(&mut entry.program);
        }
        if let Some(by) = self.note {
            entry.note = Some(entry.note.map_or_else(|| by.to_owned(), |note| format!("{note}, {by}")));
        }
        entry.reason = self.reason.as_ref().map(|reason| reason.as_str().to_owned());
        entry
    }
}
