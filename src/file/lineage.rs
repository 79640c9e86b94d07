//! The place of a statement in the history of its environment: its parents and its ancestors.
//!
//! It shows whether a block descends from one seen before, or whether somebody's save was lost. It is only the author's
//! word: a writer could lie, but a writer may change the values anyway. So it detects accidents, and shows who caused
//! them.

use super::ancestors::{Ancestors, name_of};
use super::block::BlockStatement;
use crate::error::{Error, Result};
use crate::ordered::{InOrder as _, Ordered as _};
use crate::signature::Hash;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

/// The maximum number of versions that may be skipped at once. No honest history skips more.
const MAX_JUMP: u32 = 10_000;

/// The relation of a statement to one of the same environment that was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// They are the same statement.
    Same,
    /// It is a descendant of the seen one.
    GoesOn,
    /// It is newer, but not a descendant: the seen save was lost.
    Lost,
    /// It is newer, but its ancestors don't reach back to the version of the seen one.
    CannotTell {
        /// The number of versions between the two: at least 64, unless the history has merges.
        apart: u32,
    },
    /// It is newer by more versions than any honest history skips.
    Jump,
    /// It has a lower version.
    Older,
    /// It has the same version, but is a different statement.
    Fork,
}

/// The place of a statement in its environment's history, according to the rules of vault-format(5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The version: one more than the highest version of its parents.
    pub version: u32,
    /// The hashes of its parents, sorted.
    pub previous: Vec<Hash>,
    /// The newest of its ancestors, including the parents.
    pub ancestors: Ancestors,
}

impl Lineage {
    /// Returns the lineage of an environment's first statement.
    #[must_use]
    pub fn first() -> Self {
        Self { version: 1, previous: Vec::new(), ancestors: Ancestors::default() }
    }

    /// Returns the lineage of a statement with these parents and their hashes: one, or the two sides of a merge. `None`
    /// if there is no version number left.
    #[must_use]
    pub fn after(before: &[(&BlockStatement, Hash)]) -> Option<Self> {
        let newest = before.iter().map(|(statement, _)| statement.version).max().unwrap_or_default();
        let mut previous: Vec<Hash> = before.iter().map(|(_, hash)| *hash).collect();
        previous.order();
        previous.dedup();
        let mut known = BTreeSet::new();
        for (statement, hash) in before {
            known.extend(statement.known(hash).map(|(version, name)| (Reverse(version), name)));
        }
        Some(Self { version: newest.checked_add(1)?, previous, ancestors: Ancestors::new(newest, known) })
    }

    /// Checks a lineage that was read from a file.
    ///
    /// # Errors
    /// An integrity error if its parts don't fit each other.
    pub fn new(version: u32, previous: Vec<Hash>, ancestors: Ancestors) -> Result<Self> {
        let counts = if version == 1 { 0..=0 } else { 1..=2 };
        let is_whole = version > 0
            && counts.contains(&previous.len())
            && previous.is_sorted_by(|a, b| a < b)
            && ancestors.lead_back_from(version, &previous);
        if is_whole {
            return Ok(Self { version, previous, ancestors });
        }
        Err(Error::integrity("its version does not fit the versions it follows"))
    }
}

impl BlockStatement {
    /// Returns the relation of this statement, whose hash is `hash`, to one that was seen with the version and hash
    /// `seen`.
    #[must_use]
    pub(crate) fn relation(&self, hash: &Hash, seen: (u32, &Hash)) -> Relation {
        let (version, before) = seen;
        let apart = match self.version.cmp(&version) {
            Ordering::Less => return Relation::Older,
            Ordering::Equal if hash == before => return Relation::Same,
            Ordering::Equal => return Relation::Fork,
            Ordering::Greater if self.version - version > MAX_JUMP => return Relation::Jump,
            Ordering::Greater => self.version - version,
        };
        if self.previous.contains(before) || self.ancestors.names(apart, before) {
            Relation::GoesOn
        } else if self.ancestors.are_complete(apart) {
            Relation::Lost
        } else {
            Relation::CannotTell { apart }
        }
    }

    /// Returns the version of the newest common ancestor that both statements name. Each counts as an ancestor of itself.
    /// `hash` is the hash of this statement.
    #[must_use]
    pub fn last_shared(&self, hash: &Hash, other: (&Self, &Hash)) -> Option<u32> {
        let others: BTreeSet<(u32, u64)> = other.0.known(other.1).ordered();
        self.known(hash).find(|known| others.contains(known)).map(|(version, _)| version)
    }

    /// Returns this statement and its ancestors, newest first: the version and the beginning of the hash of each.
    fn known(&self, hash: &Hash) -> impl Iterator<Item = (u32, u64)> {
        let ancestors = self.ancestors.entries().map(|(apart, name)| (self.version.saturating_sub(apart), name));
        std::iter::once((self.version, name_of(hash))).chain(ancestors)
    }
}

/// A set of statements and the ancestors that they name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forebears(BTreeSet<(u32, u64)>);

impl Forebears {
    /// Returns a statement, whose hash is `hash`, and its ancestors.
    #[must_use]
    pub fn new(statement: &BlockStatement, hash: &Hash) -> Self {
        Self(statement.known(hash).collect())
    }

    /// Returns the statements that are in both sets.
    #[must_use]
    pub fn shared_with(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    /// Whether the statement with this version and hash is in the set.
    #[must_use]
    pub fn has(&self, version: u32, hash: &Hash) -> bool {
        self.0.contains(&(version, name_of(hash)))
    }

    /// Returns the version of the newest statement.
    #[must_use]
    pub fn newest(&self) -> Option<u32> {
        self.0.last().map(|(version, _)| *version)
    }

    /// Adds a statement and its ancestors.
    pub fn add(&mut self, statement: &BlockStatement, hash: &Hash) {
        self.0.extend(statement.known(hash));
    }

    /// Removes a statement and its ancestors.
    pub fn remove(&mut self, statement: &BlockStatement, hash: &Hash) {
        for known in statement.known(hash) {
            self.0.remove(&known);
        }
    }
}

#[cfg(test)]
mod tests;
