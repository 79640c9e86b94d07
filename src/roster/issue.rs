//! Keys that somebody made for others, and may have kept.

use super::{State, User};
use crate::name::UserName;
use crate::signature::Hash;
use std::collections::BTreeSet;

/// Keys that were made for a user by somebody else.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Who added the user.
    pub by: UserName,
    /// The [`User::id`] of everybody who may know the keys: who made them, and who may have known the keys of the maker,
    /// and so whatever was printed with these. A name may come back as another person; an id does not.
    known_to: BTreeSet<Hash>,
}

impl Issue {
    /// Keys that `maker`, whose name is `by`, makes now.
    pub(super) fn new(by: &UserName, maker: &User) -> Self {
        let others = maker.issue.iter().flat_map(|issue| issue.known_to.iter().copied());
        Self { by: by.clone(), known_to: others.chain([maker.id]).collect() }
    }
}

impl State {
    /// The users whose keys `name` may know: keys that `name` made and that are in use still, and those that were made in
    /// turn with keys `name` knew. Who knows such a key can act as its user.
    #[must_use]
    pub fn issued_by(&self, name: &UserName) -> Vec<UserName> {
        let Some(maker) = self.users.get(name) else { return Vec::new() };
        let known = |user: &User| user.issue.as_ref().is_some_and(|issue| issue.known_to.contains(&maker.id));
        self.users.iter().filter(|(_, user)| known(user)).map(|(user, _)| user.clone()).collect()
    }

    /// The users whom this very `name`, and no earlier one of that name, has added.
    pub fn added_by(&self, name: &UserName) -> impl Iterator<Item = &UserName> {
        let adder = self.users.get(name).map(|user| user.id);
        let added = move |user: &User| adder == Some(user.adder) && user.id != user.adder;
        self.users.iter().filter(move |(_, user)| added(user)).map(|(user, _)| user)
    }
}
