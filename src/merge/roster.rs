//! Two rosters that went on from the same one.
//!
//! Where one only goes on from the other, it stands.

use super::Side;
use crate::error::{Error, Reason, Result};
use crate::roster::Roster;

/// How the rosters of the two files stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fork {
    /// This side has all changes of the other one, and maybe more.
    Longer(Side),
    /// Both have changes that the other one lacks.
    Both,
}

/// Compares two rosters.
///
/// # Errors
/// An integrity error if they are of two vaults.
pub fn fork(ours: &Roster, theirs: &Roster) -> Result<Fork> {
    if ours.id() != theirs.id() {
        return Err(Error::new(Reason::OtherVault, "the two sides are different vaults, which can't be merged")
            .hint("keep one of the files, and import what the other one exports"));
    }
    if ours.extends(theirs) {
        return Ok(Fork::Longer(Side::Ours));
    }
    if theirs.extends(ours) {
        return Ok(Fork::Longer(Side::Theirs));
    }
    Ok(Fork::Both)
}
