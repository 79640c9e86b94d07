//! Keys that one user made for another, and may have kept.

use super::{State, User};
use crate::name::UserName;
use crate::signature::Hash;
use std::collections::BTreeSet;

/// Records that somebody else made a user's keys, and who may know them.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Who added the user.
    pub by: UserName,
    /// The [`User::id`] of everybody who may know the keys: their maker, and whoever may know the maker's keys and so
    /// could read what the maker's commands printed. A later user may have the same name, but never the same id.
    known_to: BTreeSet<Hash>,
}

impl Issue {
    /// Records keys that `maker`, whose name is `by`, makes now.
    pub(super) fn new(by: &UserName, maker: &User) -> Self {
        let others = maker.issue.iter().flat_map(|issue| issue.known_to.iter().copied());
        Self { by: by.clone(), known_to: others.chain([maker.id]).collect() }
    }
}

impl State {
    /// Returns the users whose current keys `name` may know: `name` made them, or somebody made them whose keys `name`
    /// may know. Whoever knows a user's keys can act as that user.
    #[must_use]
    pub fn issued_by(&self, name: &UserName) -> Vec<UserName> {
        let Some(maker) = self.users.get(name) else { return Vec::new() };
        let known = |user: &User| user.issue.as_ref().is_some_and(|issue| issue.known_to.contains(&maker.id));
        self.users.iter().filter(|(_, user)| known(user)).map(|(user, _)| user.clone()).collect()
    }

    /// Returns the users added by the current user `name`, not by an earlier user of that name.
    pub fn added_by(&self, name: &UserName) -> impl Iterator<Item = &UserName> {
        let adder = self.users.get(name).map(|user| user.id);
        let added = move |user: &User| adder == Some(user.adder) && user.id != user.adder;
        self.users.iter().filter(move |(_, user)| added(user)).map(|(user, _)| user)
    }
}
