//! What is left of changes whose author has lost the right to make them on another branch.
//!
//! Whoever was removed can still sign changes on top of what was there before, under any date. So what they gave is dropped
//! where both branches meet. What they took away stays taken away: somebody can give it again.

use super::{Change, Draft, Protection, Right, Role, Roster, State, Statement};
use crate::error::Result;
use crate::name::{EnvironmentName, UserName};
use std::collections::{BTreeMap, BTreeSet};

/// What is left of a change beside another roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// All of it: its author may make it there, too.
    Whole,
    /// What it takes away, whoever did that.
    Taking(Change),
    /// Nothing.
    Nothing,
}

impl Roster {
    /// What is left beside another roster of each change that only this one has, oldest first.
    ///
    /// # Errors
    /// Never for verified chains.
    pub fn left_beside(&self, other: &Self) -> Result<Vec<Left>> {
        let shared = self.shared_with(other);
        let mut state = self.state_at(shared)?;
        let mut authors = Authors::new(&state, &other.state);
        let mut left = Vec::new();
        for (statement, hash) in self.statements.iter().zip(&self.hashes).skip(shared as usize) {
            let change = &statement.draft.change;
            let of_it = match authors.may_make(&statement.draft, &state) {
                true => Left::Whole,
                false => taken_by(change, &state).map_or(Left::Nothing, Left::Taking),
            };
            match &of_it {
                Left::Whole => authors.note(change),
                Left::Taking(change) => authors.note(change),
                Left::Nothing => {}
            }
            left.push(of_it);
            state.apply(statement.version, hash, &statement.draft)?;
        }
        Ok(left)
    }

    /// The changes that only this roster has.
    #[must_use]
    pub fn statements_beside(&self, other: &Self) -> &[Statement] {
        self.statements.get(self.shared_with(other) as usize..).unwrap_or_default()
    }

    /// What this roster adds up to with nothing but what is left beside another one.
    pub(super) fn state_beside(&self, other: &Self) -> Result<State> {
        let shared = self.shared_with(other);
        let mut state = self.state_at(shared)?;
        let own = self.statements.iter().zip(&self.hashes).skip(shared as usize);
        for ((statement, hash), left) in own.zip(self.left_beside(other)?) {
            let change = match left {
                Left::Whole => statement.draft.change.clone(),
                Left::Taking(change) => change,
                Left::Nothing => continue,
            };
            let draft = Draft { change, ..statement.draft.clone() };
            // What goes on from something that is dropped, such as a right of a user who is not there, is dropped with it.
            let _ = state.make(statement.version, hash, &draft);
        }
        Ok(state)
    }
}

/// Who may still change what, beside another roster.
struct Authors {
    roles: BTreeMap<UserName, Role>,
    /// Those whom the other roster has made members.
    demoted: BTreeSet<UserName>,
}

impl Authors {
    fn new(before: &State, other: &State) -> Self {
        let mut authors = Self { roles: BTreeMap::new(), demoted: BTreeSet::new() };
        for (name, user) in &before.users {
            let Some(now) = other.users.get(name).filter(|now| now.id == user.id) else { continue };
            if now.role < user.role {
                authors.demoted.insert(name.clone());
            }
            authors.roles.insert(name.clone(), user.role.min(now.role));
        }
        authors
    }

    fn may_make(&self, draft: &Draft, state: &State) -> bool {
        match self.roles.get(&draft.author) {
            None => false,
            Some(Role::Admin) => true,
            Some(Role::Member) => state.is_own(&draft.author, &draft.change),
        }
    }

    /// What a change that counts makes of who may change what.
    fn note(&mut self, change: &Change) {
        match change {
            Change::AddUser { user, role, .. } => drop(self.roles.insert(user.clone(), *role)),
            Change::RemoveUser { user } => {
                self.roles.remove(user);
                self.demoted.remove(user);
            }
            Change::SetRole { user, role } => {
                let most = if self.demoted.contains(user) { Role::Member } else { Role::Admin };
                if let Some(known) = self.roles.get_mut(user) {
                    *known = (*role).min(most);
                }
            }
            Change::Create { .. }
            | Change::ReplaceKeys { .. }
            | Change::AddEnvironment { .. }
            | Change::RemoveEnvironment { .. }
            | Change::Grant { .. }
            | Change::Revoke { .. }
            | Change::SetEnvironment { .. } => {}
        }
    }
}

/// What of a change takes something away from somebody.
fn taken_by(change: &Change, before: &State) -> Option<Change> {
    match change {
        Change::RemoveUser { .. }
        | Change::Revoke { .. }
        | Change::RemoveEnvironment { .. }
        | Change::SetRole { role: Role::Member, .. }
        | Change::SetEnvironment { protected: Protection::Yes, .. } => Some(change.clone()),
        Change::Grant { user, grants } => {
            let lowers = |(name, right): &&(EnvironmentName, Right)| {
                *right == Right::Read && before.environments.get(name).is_some_and(|of| of.writes(user))
            };
            let grants: Vec<_> = grants.iter().filter(lowers).cloned().collect();
            (!grants.is_empty()).then(|| Change::Grant { user: user.clone(), grants })
        }
        Change::Create { .. }
        | Change::AddUser { .. }
        | Change::SetRole { role: Role::Admin, .. }
        | Change::ReplaceKeys { .. }
        | Change::AddEnvironment { .. }
        | Change::SetEnvironment { protected: Protection::No, .. } => None,
    }
}
