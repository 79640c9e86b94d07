//! Two files of one vault that went on from the same one become one again.
//!
//! [`roster`] says which roster stands, [`again`] what is left of changes that are made again on top of it, and [`items`] what
//! an environment holds then. Nothing here decrypts, signs or asks;
//! what can't be decided without a person is a conflict, and both sides of it are kept until somebody decides.

pub mod again;
mod applied;
pub mod items;
pub mod roster;

pub use applied::{Applied, Names};
pub use items::{Choice, Conflict, Merging};
pub use roster::{Remade, Rosters, Way, check_same_vault};

/// One of the two files.
///
/// The names are those that git uses for the stages of its index: "ours" is what HEAD has. During a rebase that is the
/// branch which one rebases onto, so people are told of "this branch" and "the change being applied" instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// What HEAD has: this branch.
    Ours,
    /// What is merged, rebased, picked, reverted or taken from the stash: the change being applied.
    Theirs,
}

impl Side {
    /// Both, in the order of git's stages.
    pub const BOTH: [Self; 2] = [Self::Ours, Self::Theirs];

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Ours => Self::Theirs,
            Self::Theirs => Self::Ours,
        }
    }
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Ours => "this branch",
            Self::Theirs => "the change being applied",
        })
    }
}
