//! Two rosters that went on from the same one.
//!
//! Where one only goes on from the other, it stands.

use super::Side;
use crate::error::{Error, Result};
use crate::roster::{Roster, Statement};

/// How the rosters of the two files stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fork {
    /// This side has all changes of the other one, and maybe more.
    Longer(Side),
    /// Both have changes that the other one lacks.
    Both {
        /// The last change that they have in common.
        common: u32,
    },
}

/// Compares two rosters.
///
/// # Errors
/// An integrity error if they are of two vaults.
pub fn fork(ours: &Roster, theirs: &Roster) -> Result<Fork> {
    if ours.id() != theirs.id() {
        return Err(Error::integrity("the two sides are different vaults, which can't be merged")
            .hint("keep one of the files, and import what the other one exports"));
    }
    if ours.extends(theirs) {
        return Ok(Fork::Longer(Side::Ours));
    }
    if theirs.extends(ours) {
        return Ok(Fork::Longer(Side::Theirs));
    }
    Ok(Fork::Both { common: common(ours, theirs) })
}

/// The last change that two rosters have in common. A hash covers all before it, so this can be searched for.
#[must_use]
pub fn common(one: &Roster, other: &Roster) -> u32 {
    let (mut low, mut high) = (0, one.head().version.min(other.head().version) + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match one.hash_at(middle) == other.hash_at(middle) {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

/// The changes of a roster after this one.
#[must_use]
pub fn after(roster: &Roster, common: u32) -> &[Statement] {
    &roster.statements()[common as usize..]
}
