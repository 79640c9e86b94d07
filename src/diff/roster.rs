//! Compares two rosters.

use crate::roster::{Roster, Statement};

/// The changes that only one of two rosters has, oldest first. If both have such changes, the rosters have forked.
#[derive(Debug, Default, Clone, Copy)]
pub struct RosterDifference<'a> {
    /// The changes that only the roster before has.
    pub undone: &'a [Statement],
    /// The changes that only the roster after has.
    pub made: &'a [Statement],
}

impl<'a> RosterDifference<'a> {
    /// Compares two rosters. If there was none before, every change is new.
    #[must_use]
    pub(crate) fn between(before: Option<&'a Roster>, after: Option<&'a Roster>) -> Self {
        let fork = before.zip(after).and_then(|(before, after)| before.fork(after));
        let shared = fork.map_or(0, |head| head.version as usize);
        let rest = |roster: Option<&'a Roster>| roster.map_or(&[][..], |roster| &roster.statements()[shared..]);
        Self { undone: rest(before), made: rest(after) }
    }

    /// Returns whether both rosters are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.undone.is_empty() && self.made.is_empty()
    }
}
