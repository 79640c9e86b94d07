//! Compares the rosters of two branches: who lost a right on one branch, and whether the other branch has that change
//! too.

use super::{Change, Right, Role, Roster, State, Statement};
use crate::error::Result;
use crate::name::{EnvironmentName, UserName};
use std::collections::BTreeSet;

impl Roster {
    /// Returns the number of changes that this roster shares with `other`, counted from the first.
    #[must_use]
    pub fn shared_with(&self, other: &Self) -> u32 {
        self.fork(other).map_or(0, |head| head.version)
    }

    /// Returns the first change after `version` that takes something away: somebody loses a right or the admin role, or
    /// should use other keys.
    ///
    /// # Errors
    /// None for a verified chain.
    pub(crate) fn first_loss_after(&self, version: u32) -> Result<Option<&Statement>> {
        let mut state = self.state_at(version)?;
        for (statement, hash) in self.statements.iter().zip(&self.hashes).skip(version as usize) {
            let takes = match &statement.draft.change {
                Change::RemoveUser { .. }
                | Change::Revoke { .. }
                | Change::ReplaceKeys { .. }
                | Change::SetRole { role: Role::Member, .. } => true,
                Change::Grant { user, grants } => grants.iter().any(|(name, right)| {
                    *right == Right::Read
                        && state.environments.get(name).is_some_and(|environment| environment.writes(user))
                }),
                Change::Create { .. }
                | Change::AddUser { .. }
                | Change::SetRole { role: Role::Admin, .. }
                | Change::AddEnvironment { .. }
                | Change::RemoveEnvironment { .. }
                | Change::SetEnvironment { .. } => false,
            };
            if takes {
                return Ok(Some(statement));
            }
            state.apply(statement.version, hash, &statement.draft)?;
        }
        Ok(None)
    }

    /// Returns the author of a change made only in this roster whom the roster seen before (`seen`) has removed or
    /// demoted since the fork, if there is one.
    ///
    /// # Errors
    /// None for verified chains.
    pub(crate) fn signed_by_former(&self, seen: &Self) -> Result<Option<&UserName>> {
        let shared = self.shared_with(seen);
        let before = self.state_at(shared)?;
        let authors = self.statements.iter().skip(shared as usize).map(|statement| &statement.draft.author);
        for author in authors {
            let Some(user) = before.users.get(author) else { continue };
            let is_still = seen
                .state
                .users
                .get(author)
                .is_some_and(|now| now.id == user.id && (user.role == Role::Member || now.role == Role::Admin));
            if !is_still {
                return Ok(Some(author));
            }
        }
        Ok(None)
    }

    /// Whether `author` could write the environment at the fork and no longer can in the roster seen before (`seen`). A
    /// change of keys takes no right away.
    ///
    /// # Errors
    /// None for verified chains.
    pub(crate) fn is_former_writer(
        &self,
        seen: &Self,
        environment: &EnvironmentName,
        author: &UserName,
    ) -> Result<bool> {
        let before = self.state_at(self.shared_with(seen))?;
        // A user added after the fork was added by somebody who had the right to do so.
        let Some(user) = before.users.get(author) else { return Ok(false) };
        if seen.state.users.get(author).is_none_or(|now| now.id != user.id) {
            return Ok(true);
        }
        let wrote = before.environments.get(environment).filter(|environment| environment.writes(author));
        let now = seen.state.environments.get(environment);
        Ok(wrote.zip(now).is_some_and(|(before, now)| before.added == now.added && !now.writes(author)))
    }

    /// Whether this roster has the effect of `other`'s changes, even if by changes of its own. That is so after a merge
    /// that makes one side's changes again on top of the other's. What `other` took away must be gone. What it gave must
    /// be here, unless this roster took it away again, or took the right to give it from its author.
    ///
    /// # Errors
    /// None for verified chains.
    pub(crate) fn includes(&self, other: &Self) -> Result<bool> {
        let shared = self.shared_with(other);
        let before = self.state_at(shared)?;
        let other = other.state_in_merge_with(self)?;
        let states = States { before: &before, other: &other, here: &self.state };
        let taken =
            Taken::from_changes(self.statements.iter().skip(shared as usize).map(|statement| &statement.draft.change));
        let mut users = before.users.keys().chain(other.users.keys());
        let mut environments = before.environments.keys().chain(other.environments.keys());
        Ok(users.all(|user| states.has_user(user, taken.users.contains(user)))
            && environments.all(|name| states.has_environment(name, taken.environments.contains(name))))
    }
}

/// The users and environments that some changes added and later ones removed again.
#[derive(Default)]
struct Taken<'a> {
    users: BTreeSet<&'a UserName>,
    environments: BTreeSet<&'a EnvironmentName>,
}

impl<'a> Taken<'a> {
    fn from_changes(changes: impl Iterator<Item = &'a Change>) -> Self {
        let (mut taken, mut added) = (Self::default(), Self::default());
        for change in changes {
            match change {
                Change::AddUser { user, .. } => drop(added.users.insert(user)),
                Change::AddEnvironment { environment, .. } => drop(added.environments.insert(environment)),
                Change::RemoveUser { user } if added.users.contains(user) => drop(taken.users.insert(user)),
                Change::RemoveEnvironment { environment } if added.environments.contains(environment) => {
                    taken.environments.insert(environment);
                }
                _ => {}
            }
        }
        taken
    }
}

/// The states of the rosters of two branches, and the state at their fork.
struct States<'a> {
    before: &'a State,
    other: &'a State,
    here: &'a State,
}

impl States<'_> {
    fn has_user(&self, name: &UserName, was_removed: bool) -> bool {
        let [before, other, here] = [self.before, self.other, self.here].map(|state| state.users.get(name));
        match (before, other) {
            (Some(before), Some(other)) if before.id == other.id => here.is_none_or(|here| {
                let has_role = other.role == before.role || here.role == other.role;
                let has_keys = other.keys == before.keys || here.keys != before.keys;
                here.id != before.id || (has_role && has_keys)
            }),
            (Some(before), None) => here.is_none_or(|here| here.id != before.id),
            // Removed on the other branch, where another user has the name now.
            (Some(before), Some(_)) => here.map_or(was_removed, |here| here.id != before.id),
            (None, Some(_)) => here.is_some() || was_removed,
            (None, None) => true,
        }
    }

    fn has_environment(&self, name: &EnvironmentName, was_removed: bool) -> bool {
        let [before, other, here] = [self.before, self.other, self.here].map(|state| state.environments.get(name));
        match (before, other) {
            (Some(before), Some(other)) if before.added == other.added => {
                // Removed here. If another environment has the name now, nobody has the old rights on it.
                let Some(here) = here.filter(|here| here.added == before.added) else { return true };
                if other.protected != before.protected && here.protected < other.protected {
                    return false;
                }
                let users = before.grants.keys().chain(other.grants.keys());
                users.into_iter().all(|user| {
                    let [before, other, here] = [before, other, here].map(|environment| environment.grants.get(user));
                    // A removed user has no rights, so none are missing.
                    other == before
                        || here == other
                        || !self.here.users.contains_key(user)
                        || (other < before && here < other)
                        || (other > before && here != before)
                })
            }
            (Some(before), None) => here.is_none_or(|here| here.added != before.added),
            // Removed on the other branch, where another environment has the name now.
            (Some(before), Some(_)) => here.map_or(was_removed, |here| here.added != before.added),
            (None, Some(_)) => here.is_some() || was_removed,
            (None, None) => true,
        }
    }
}
