//! The ancestors that a statement names, in the form in which its author signs them.

use crate::error::{Error, Result};
use crate::signature::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The maximum number of ancestors in a statement.
pub const MAX_ANCESTORS: usize = 64;
/// The length of an ancestor's entry, in bytes.
const LENGTH: usize = 8;
/// The bit of an entry that is not part of a hash. It says that the entry has the same version as the one before.
const SAME_VERSION: u64 = 1;

/// The ancestors of a statement, by the beginnings of their hashes, newest first. Written in standard base64.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Ancestors(Vec<u8>);

impl Ancestors {
    /// Returns the bytes that are signed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether there are no ancestors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the newest of these statements. `newest` is the version of the first. Every lower version occurs at least
    /// once, because a statement's version is one more than the highest of its parents.
    pub(super) fn new(newest: u32, known: BTreeSet<(Reverse<u32>, u64)>) -> Self {
        let mut bytes = Vec::with_capacity(LENGTH * known.len().min(MAX_ANCESTORS));
        // No entry comes before the first, so the first can't share a version with one.
        let mut last = newest.saturating_add(1);
        for (Reverse(version), name) in known.into_iter().take(MAX_ANCESTORS) {
            let entry = if version == last { name | SAME_VERSION } else { name };
            bytes.extend_from_slice(&entry.to_be_bytes());
            last = version;
        }
        Self(bytes)
    }

    /// Returns, for each ancestor, how many versions it is below the statement, and the beginning of its hash.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, u64)> {
        let mut apart = 0;
        self.0.as_chunks::<LENGTH>().0.iter().map(move |entry| {
            let entry = u64::from_be_bytes(*entry);
            apart += u32::from(entry & SAME_VERSION == 0);
            (apart, entry & !SAME_VERSION)
        })
    }

    pub(super) fn names(&self, apart: u32, hash: &Hash) -> bool {
        self.entries().any(|entry| entry == (apart, name_of(hash)))
    }

    /// Whether the list has every ancestor that is `apart` versions below the statement. In a full list, one with the
    /// lowest version may have been left out.
    pub(super) fn are_complete(&self, apart: u32) -> bool {
        !self.is_full() || self.entries().last().is_some_and(|(lowest, _)| apart < lowest)
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() == LENGTH * MAX_ANCESTORS
    }

    /// Whether these can be the ancestors of a statement with this version and these parents. They must reach back to the
    /// first version unless the list is full. Those of the version before must be parents, and those of one version must
    /// be sorted.
    pub(super) fn lead_back_from(&self, version: u32, previous: &[Hash]) -> bool {
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

/// Returns the short form of a hash in a list: its first 8 bytes without the last bit.
pub(super) fn name_of(hash: &Hash) -> u64 {
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
        // Check the length before memory is allocated.
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
