//! Where an environment of the merged file comes from, and how its states on the two sides relate.

use crate::merge::Side;

/// Where an environment of the merged file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vault) enum Part {
    /// The block of this side, unchanged.
    Taken(Side),
    /// The content of this side, encrypted and signed again, because its block is invalid under the merged roster.
    Renewed(Side),
    /// The contents of both sides, merged by item, because both have changed it.
    Merged,
}

/// How an environment's states on the two sides relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// The state of this side wins: only this side has changed it, or it descends from the other.
    One(Side),
    /// Each side has changed it.
    Both,
    /// Each side has changed it, and this branch has lost a state that the change being applied is based on.
    Lost,
    /// The state of this side is older by so many saves that it is unclear whether the other one descends from it.
    Unclear(Side),
}
