//! How a block relates to the one that this device has seen, and what to say if it is older.

use crate::file::{Block, Relation};
use crate::marks::Seen;

/// What to do about an older file, before the command that accepts it.
pub(super) const FETCH: &str = "fetch the newer file; if this file is right anyway";

/// What to do if the vault was seen before `git init`: then a branch can't be told from a rollback.
pub(super) const BEFORE_GIT: &str = "this device saw the vault before it was in git, so a branch looks like a rollback; if you checked this file out yourself";

/// What is wrong with a roster that does not descend from the one that was seen, nor the other way around.
pub(super) const FORK: &str = "the roster is a fork: neither older nor newer than the one this device has seen";

/// Describes why a block does not descend from what was seen.
pub(super) fn what_is_older(block: &Block, seen: &Seen, mark: &Seen) -> String {
    let (name, version, known) = (&block.statement.name, seen.version, mark.version);
    match relation(block, seen, mark) {
        Relation::Jump => format!("environment {name} jumps from version {known} to {version}"),
        Relation::Fork => format!("environment {name} has a different version {version} than this device has seen"),
        Relation::Lost => {
            format!(
                "version {version} of environment {name} does not follow version {known}, which this device has seen"
            )
        }
        Relation::Older | Relation::Same | Relation::GoesOn | Relation::CannotTell { .. } => {
            format!("environment {name} is at version {version}, but this device has seen version {known}")
        }
    }
}

/// Returns how a block relates to what was seen.
pub(super) fn relation(block: &Block, here: &Seen, before: &Seen) -> Relation {
    block.statement.relation(&here.hash, (before.version, &before.hash))
}

/// Returns whether a block is what was seen, or descends from it.
pub(super) fn goes_on(block: &Block, here: &Seen, before: &Seen) -> bool {
    matches!(relation(block, here, before), Relation::Same | Relation::GoesOn | Relation::CannotTell { .. })
}
