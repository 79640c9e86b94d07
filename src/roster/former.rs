//! What a merge keeps of changes whose author has lost the right to make them on the other branch.
//!
//! A removed user can still sign changes on top of an older state, with any date. So a merge drops what such a user gave.
//! What the user took away stays away; somebody else can give it again.

use super::{Change, Draft, Protection, Right, Role, Roster, State, Statement};
use crate::error::Result;
use crate::name::{EnvironmentName, UserName};
use std::collections::{BTreeMap, BTreeSet};

/// What a merge with another roster keeps of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// The whole change: the other roster lets its author make it, too.
    Whole,
    /// Only the part that takes something away. Anybody's changes may do that.
    Removal(Change),
    /// Nothing.
    Nothing,
}

impl Roster {
    /// Returns what a merge with `other` keeps of each change that only this roster has, oldest first.
    ///
    /// # Errors
    /// None for verified chains.
    pub(crate) fn kept_in_merge_with(&self, other: &Self) -> Result<Vec<Kept>> {
        let shared = self.shared_with(other);
        let mut state = self.state_at(shared)?;
        let mut authors = Authors::new(&state, &other.state);
        let mut all = Vec::new();
        for (statement, hash) in self.statements.iter().zip(&self.hashes).skip(shared as usize) {
            let change = &statement.draft.change;
            let kept = match authors.may_make(&statement.draft, &state) {
                true => Kept::Whole,
                false => removal_in(change, &state).map_or(Kept::Nothing, Kept::Removal),
            };
            match &kept {
                Kept::Whole => authors.note(change),
                Kept::Removal(change) => authors.note(change),
                Kept::Nothing => {}
            }
            all.push(kept);
            state.apply(statement.version, hash, &statement.draft)?;
        }
        Ok(all)
    }

    /// Returns the changes that this roster has and `other` doesn't, oldest first.
    #[must_use]
    pub(crate) fn statements_missing_in(&self, other: &Self) -> &[Statement] {
        self.statements.get(self.shared_with(other) as usize..).unwrap_or_default()
    }

    /// Returns the state of this roster with only what a merge with `other` keeps of its own changes.
    pub(super) fn state_in_merge_with(&self, other: &Self) -> Result<State> {
        let shared = self.shared_with(other);
        let mut state = self.state_at(shared)?;
        let changes = self.statements.iter().zip(&self.hashes).skip(shared as usize);
        for ((statement, hash), kept) in changes.zip(self.kept_in_merge_with(other)?) {
            let change = match kept {
                Kept::Whole => statement.draft.change.clone(),
                Kept::Removal(change) => change,
                Kept::Nothing => continue,
            };
            let draft = Draft { change, ..statement.draft.clone() };
            // A change that depends on a dropped one fails, such as a grant to a user who was not added. It is dropped as
            // well.
            let _ = state.make(statement.version, hash, &draft);
        }
        Ok(state)
    }
}

/// The users who may still make changes, with the role that both rosters leave them.
struct Authors {
    roles: BTreeMap<UserName, Role>,
    /// The users whom the other roster has demoted to members.
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

    /// Updates the roles by a change that the merge keeps.
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

/// Returns the part of a change that takes something away, if there is one.
fn removal_in(change: &Change, before: &State) -> Option<Change> {
    match change {
        Change::RemoveUser { .. }
        | Change::Revoke { .. }
        | Change::RemoveEnvironment { .. }
        | Change::SetRole { role: Role::Member, .. }
        | Change::SetEnvironment { protected: Protection::Yes, .. } => Some(change.clone()),
        Change::Grant { user, grants } => {
            let lowers = |(name, right): &&(EnvironmentName, Right)| {
                *right == Right::Read
                    && before.environments.get(name).is_some_and(|environment| environment.writes(user))
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
