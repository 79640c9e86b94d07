//! Merges two descendants of one vault file.
//!
//! [`roster`] decides which roster is the base, [`again`] makes the other changes again on top of it, and [`items`]
//! merges the items of an environment. Nothing here decrypts, signs or asks. What only a person can decide is a conflict,
//! and both sides of a conflict are kept until somebody decides.

pub(crate) mod again;
mod applied;
pub(crate) mod items;
pub(crate) mod roster;

pub use applied::{Applied, Names};
pub use items::{Choice, Conflict, Merging, Subject};
pub(crate) use roster::Remade;
pub use roster::{Rosters, Way, check_same_vault};

/// One of the two files.
///
/// The names are those of the stages in git's index: "ours" is what HEAD has. During a rebase, HEAD is the branch that
/// one rebases onto. So messages say "this branch" and "the change being applied" instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// What HEAD has: this branch.
    Ours,
    /// What is merged, rebased, cherry-picked, reverted or popped from the stash: the change being applied.
    Theirs,
}

impl Side {
    /// Both sides, in the order of git's stages.
    pub const BOTH: [Self; 2] = [Self::Ours, Self::Theirs];

    /// Returns the other side.
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
