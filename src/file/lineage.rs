//! Where a statement stands in the history of its environment: what it follows, and what came before that.
//!
//! With this anybody can tell whether a block goes on from one that they have seen, or whether somebody's save was lost.
//! It is the author's word: a writer could lie, and may write anyway. So it finds accidents, and who had them.

use super::BlockStatement;
use crate::error::{Error, Result};
use crate::ordered::{InOrder as _, Ordered as _};
use crate::signature::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The most ancestors that a statement names.
pub const MAX_ANCESTORS: usize = 64;
/// Versions that may be skipped at once: more is no honest history.
const MAX_JUMP: u32 = 10_000;
/// The bytes of each in the file.
const LENGTH: usize = 8;
/// The bit of an entry that is no part of a hash: whether it has the version of the entry before it.
const SAME_VERSION: u64 = 1;

/// How a statement stands to one of the same environment that was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It is that one.
    Same,
    /// That one is among what came before it.
    GoesOn,
    /// It is newer, and that one is not among what came before it: that save was lost.
    Lost,
    /// It is newer by so many versions, and its ancestors don't reach back that far.
    CannotTell {
        /// How many versions lie between the two: at least 64, but for histories with merges.
        apart: u32,
    },
    /// It is newer by more versions than any honest history skips.
    Jump,
    /// It has a lower version.
    Older,
    /// It has the same version, and is another one.
    Fork,
}

/// The place of a statement in its environment's history, which follows the rules of vault-format(5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The version: one more than the highest that it follows.
    pub version: u32,
    /// The statements that it follows, sorted.
    pub previous: Vec<Hash>,
    /// The newest of all that came before it, `previous` among them.
    pub ancestors: Ancestors,
}

impl Lineage {
    /// That of an environment's first statement.
    #[must_use]
    pub fn first() -> Self {
        Self { version: 1, previous: Vec::new(), ancestors: Ancestors::default() }
    }

    /// Goes on from these statements, each with its hash: one, or the two sides of a merge. `None` if there is no version
    /// left.
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
        Some(Self { version: newest.checked_add(1)?, previous, ancestors: Ancestors::of(newest, known) })
    }

    /// Checks what a file says.
    ///
    /// # Errors
    /// An integrity error if its parts don't go together.
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
    /// How this statement, whose hash this is, stands to one that was seen with that version and hash.
    #[must_use]
    pub fn relation(&self, hash: &Hash, seen: (u32, &Hash)) -> Relation {
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

    /// The newest version that both this statement, whose hash this is, and another one are or come from, as far as they
    /// tell.
    #[must_use]
    pub fn last_shared(&self, hash: &Hash, other: (&Self, &Hash)) -> Option<u32> {
        let others: BTreeSet<(u32, u64)> = other.0.known(other.1).ordered();
        self.known(hash).find(|known| others.contains(known)).map(|(version, _)| version)
    }

    /// This statement and its ancestors: the version and the beginning of the hash of each, newest first.
    fn known(&self, hash: &Hash) -> impl Iterator<Item = (u32, u64)> {
        let ancestors = self.ancestors.entries().map(|(apart, name)| (self.version.saturating_sub(apart), name));
        std::iter::once((self.version, name_of(hash))).chain(ancestors)
    }
}

/// Statements that some others are or come from, as far as those tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forebears(BTreeSet<(u32, u64)>);

impl Forebears {
    /// A statement, whose hash this is, and what came before it.
    #[must_use]
    pub fn of(statement: &BlockStatement, hash: &Hash) -> Self {
        Self(statement.known(hash).collect())
    }

    /// Those that are among both.
    #[must_use]
    pub fn shared_with(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    /// Whether the statement of this version and hash is among them.
    #[must_use]
    pub fn has(&self, version: u32, hash: &Hash) -> bool {
        self.0.contains(&(version, name_of(hash)))
    }

    /// The version of the newest.
    #[must_use]
    pub fn newest(&self) -> Option<u32> {
        self.0.last().map(|(version, _)| *version)
    }

    /// Adds what a statement among them tells of.
    pub fn add(&mut self, statement: &BlockStatement, hash: &Hash) {
        self.0.extend(statement.known(hash));
    }

    /// Takes out a statement and what came before it.
    pub fn remove(&mut self, statement: &BlockStatement, hash: &Hash) {
        for known in statement.known(hash) {
            self.0.remove(&known);
        }
    }
}

/// The statements before one, by the beginning of their hashes, newest first. Written in standard base64.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Ancestors(Vec<u8>);

impl Ancestors {
    /// The bytes that are signed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The newest of these, the first of which has that version. Every version below has at least one: a statement's is one
    /// more than the highest that it follows.
    fn of(newest: u32, known: BTreeSet<(Reverse<u32>, u64)>) -> Self {
        let mut bytes = Vec::with_capacity(LENGTH * known.len().min(MAX_ANCESTORS));
        // There is none before the first that it could share its version with.
        let mut last = newest.saturating_add(1);
        for (Reverse(version), name) in known.into_iter().take(MAX_ANCESTORS) {
            let entry = if version == last { name | SAME_VERSION } else { name };
            bytes.extend_from_slice(&entry.to_be_bytes());
            last = version;
        }
        Self(bytes)
    }

    /// How many versions each is below the statement, and the beginning of its hash.
    fn entries(&self) -> impl Iterator<Item = (u32, u64)> {
        let mut apart = 0;
        self.0.as_chunks::<LENGTH>().0.iter().map(move |entry| {
            let entry = u64::from_be_bytes(*entry);
            apart += u32::from(entry & SAME_VERSION == 0);
            (apart, entry & !SAME_VERSION)
        })
    }

    fn names(&self, apart: u32, hash: &Hash) -> bool {
        self.entries().any(|entry| entry == (apart, name_of(hash)))
    }

    /// Whether every statement that was so many versions before is named: of the lowest version in a full list one may have
    /// been left out.
    fn are_complete(&self, apart: u32) -> bool {
        !self.is_full() || self.entries().last().is_some_and(|(lowest, _)| apart < lowest)
    }

    fn is_full(&self) -> bool {
        self.0.len() == LENGTH * MAX_ANCESTORS
    }

    /// Whether these can be the ancestors of a statement of that version which follows `previous`: back to the first version
    /// unless the list is full, those of the version before among `previous`, of one version in the order of their bytes.
    fn lead_back_from(&self, version: u32, previous: &[Hash]) -> bool {
        let mut last = (0, 0);
        for (apart, name) in self.entries() {
            let is_in_order = if apart == last.0 { name > last.1 } else { apart == last.0 + 1 };
            let is_previous = || previous.iter().any(|hash| name_of(hash) == name);
            if apart == 0 || !is_in_order || (apart == 1 && !is_previous()) {
                return false;
            }
            last = (apart, name);
        }
        let reaches = last.0;
        if self.is_full() { reaches < version } else { reaches + 1 == version }
    }
}

/// What stands for a statement in a list: its hash's first 8 bytes but for their last bit.
fn name_of(hash: &Hash) -> u64 {
    let [first, ..] = hash.as_bytes().as_chunks::<LENGTH>().0 else { return 0 };
    u64::from_be_bytes(*first) & !SAME_VERSION
}

impl fmt::Display for Ancestors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(&self.0))
    }
}

impl fmt::Debug for Ancestors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Ancestors {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // Before memory is taken for it.
        let is_short = text.len() <= (LENGTH * MAX_ANCESTORS).div_ceil(3) * 4;
        let bytes = is_short.then(|| BASE64.decode(text).ok()).flatten();
        let bytes = bytes.filter(|bytes| bytes.len() <= LENGTH * MAX_ANCESTORS && bytes.len() % LENGTH == 0);
        bytes.map(Self).ok_or_else(|| Error::integrity("ancestors are not up to 64 times 8 bytes of base64"))
    }
}

impl serde::Serialize for Ancestors {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Ancestors {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
