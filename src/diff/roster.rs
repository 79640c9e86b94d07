//! Two rosters.

use crate::roster::{Roster, Statement};

/// The changes that only one of two rosters has, oldest first. Where both have some, they went apart.
#[derive(Debug, Default, Clone, Copy)]
pub struct RosterDifference<'a> {
    /// What only the roster before has.
    pub undone: &'a [Statement],
    /// What only the roster after has.
    pub made: &'a [Statement],
}

impl RosterDifference<'_> {
    /// Whether both rosters are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.undone.is_empty() && self.made.is_empty()
    }
}

/// Compares two rosters; where there was none before, every change was made since.
#[must_use]
pub fn rosters<'a>(before: Option<&'a Roster>, after: Option<&'a Roster>) -> RosterDifference<'a> {
    let fork = before.zip(after).and_then(|(before, after)| before.fork(after));
    let shared = fork.map_or(0, |head| head.version as usize);
    let rest = |roster: Option<&'a Roster>| roster.map_or(&[][..], |roster| &roster.statements()[shared..]);
    RosterDifference { undone: rest(before), made: rest(after) }
}
