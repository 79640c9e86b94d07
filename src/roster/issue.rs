//! Keys that one user made for another, and may have kept.

use crate::name::UserName;
use crate::signature::Hash;
use std::collections::BTreeSet;

/// Records that somebody else made a user's keys, and who may know them.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Who added the user.
    pub by: UserName,
    /// The [`User::id`](super::User::id) of everybody who may know the keys: their maker, and whoever may know the
    /// maker's keys and so could read what the maker's commands printed. A later user may have the same name, but never
    /// the same id.
    known_to: BTreeSet<Hash>,
}

impl Issue {
    /// Records keys that the user with this id, whose name is `by`, makes now. `issue` is about the maker's own keys.
    pub(super) fn new(by: &UserName, maker: Hash, issue: Option<&Self>) -> Self {
        let others = issue.iter().flat_map(|issue| issue.known_to.iter().copied());
        Self { by: by.clone(), known_to: others.chain([maker]).collect() }
    }

    /// Whether the user with this id may know the keys.
    pub(super) fn is_known_to(&self, user: &Hash) -> bool {
        self.known_to.contains(user)
    }
}
