//! Who made whose keys.

use super::{State, User};
use crate::name::UserName;

impl State {
    /// Returns the users whose current keys `name` may know: `name` made them, or somebody made them whose keys `name`
    /// may know. Whoever knows a user's keys can act as that user.
    #[must_use]
    pub fn issued_by(&self, name: &UserName) -> Vec<UserName> {
        let Some(maker) = self.users.get(name) else { return Vec::new() };
        let known = |user: &User| user.issue.as_ref().is_some_and(|issue| issue.is_known_to(&maker.id));
        self.users.iter().filter(|(_, user)| known(user)).map(|(user, _)| user.clone()).collect()
    }

    /// Returns the users added by the current user `name`, not by an earlier user of that name.
    pub fn added_by(&self, name: &UserName) -> impl Iterator<Item = &UserName> {
        let adder = self.users.get(name).map(|user| user.id);
        let added = move |user: &User| adder == Some(user.adder) && user.id != user.adder;
        self.users.iter().filter(move |(_, user)| added(user)).map(|(user, _)| user)
    }
}
