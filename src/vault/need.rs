//! What a passphrase or key is needed for, and which sessions can do that.

use super::Session;
use crate::error::Result;
use crate::undo::Record;

/// What a passphrase or key is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// To use the vault. An agent can do that as well.
    Session,
    /// To change who may do what. No agent does that.
    Identity,
}

impl Need {
    /// What a change needs. Changes of the roster are signed with the private keys, which an agent never gives away.
    pub(crate) fn of_change(changes_roster: bool) -> Self {
        if changes_roster { Self::Identity } else { Self::Session }
    }
}

impl Session {
    /// Returns whether this session can do what needs this.
    #[must_use]
    pub fn meets(&self, need: Need) -> bool {
        self.check_meets(need).is_ok()
    }

    /// Checks that this session can do what needs this.
    ///
    /// # Errors
    /// An unlock error if an agent holds the keys, and isn't enough.
    pub(crate) fn check_meets(&self, need: Need) -> Result<()> {
        match need {
            Need::Session => Ok(()),
            Need::Identity => self.identity().map(|_| ()),
        }
    }

    /// Returns what undoing this change needs.
    #[must_use]
    pub fn need_to_undo(&self, record: &Record) -> Need {
        Need::of_change(record.changes_roster())
    }
}
