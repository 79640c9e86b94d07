//! What the roster of one branch means to that of another: who has lost something there, and whether it is in this one.

use super::{Change, Right, Role, Roster, State, Statement};
use crate::error::Result;
use crate::name::{EnvironmentName, UserName};
use std::collections::BTreeSet;

impl Roster {
    /// How many changes this roster and another one of the same vault begin with alike.
    #[must_use]
    pub fn shared_with(&self, other: &Self) -> u32 {
        self.fork(other).map_or(0, |head| head.version)
    }

    /// The first change after this one that takes something away: after it, somebody can't read or write what they could,
    /// or should use other keys.
    ///
    /// # Errors
    /// Never for a verified chain.
    pub fn first_loss_after(&self, version: u32) -> Result<Option<&Statement>> {
        let mut state = self.state_at(version)?;
        for (statement, hash) in self.statements.iter().zip(&self.hashes).skip(version as usize) {
            let takes = match &statement.draft.change {
                Change::RemoveUser { .. }
                | Change::Revoke { .. }
                | Change::ReplaceKeys { .. }
                | Change::SetRole { role: Role::Member, .. } => true,
                Change::Grant { user, grants } => grants.iter().any(|(name, right)| {
                    *right == Right::Read && state.environments.get(name).is_some_and(|of| of.writes(user))
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

    /// Who made a change that only this roster has, although the one that was seen has removed or demoted them since both
    /// went apart.
    ///
    /// # Errors
    /// Never for verified chains.
    pub fn signed_by_former(&self, seen: &Self) -> Result<Option<&UserName>> {
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

    /// Whether somebody who could write an environment when both rosters went apart can't any more under the one that was
    /// seen. New keys take nothing from anybody.
    ///
    /// # Errors
    /// Never for verified chains.
    pub fn is_former_writer(&self, seen: &Self, environment: &EnvironmentName, author: &UserName) -> Result<bool> {
        let before = self.state_at(self.shared_with(seen))?;
        // Who came later is here by the word of somebody who has that right.
        let Some(user) = before.users.get(author) else { return Ok(false) };
        if seen.state.users.get(author).is_none_or(|now| now.id != user.id) {
            return Ok(true);
        }
        let wrote = before.environments.get(environment).filter(|of| of.writes(author));
        let now = seen.state.environments.get(environment);
        Ok(wrote.zip(now).is_some_and(|(before, now)| before.added == now.added && !now.writes(author)))
    }

    /// Whether what another roster has changed is in this one, too, though by changes of its own: as when two branches are
    /// merged and one side's changes are made again on top of the other's. What it took away must be gone, and what it gave
    /// must be there, unless this roster has taken it away, or the right to give it from whoever gave it.
    ///
    /// # Errors
    /// Never for verified chains.
    pub fn includes(&self, other: &Self) -> Result<bool> {
        let shared = self.shared_with(other);
        let before = self.state_at(shared)?;
        let other = other.state_beside(self)?;
        let states = States { before: &before, other: &other, here: &self.state };
        let taken = Taken::of(self.statements.iter().skip(shared as usize).map(|statement| &statement.draft.change));
        let mut users = before.users.keys().chain(other.users.keys());
        let mut environments = before.environments.keys().chain(other.environments.keys());
        Ok(users.all(|user| states.has_user(user, taken.users.contains(user)))
            && environments.all(|name| states.has_environment(name, taken.environments.contains(name))))
    }
}

/// What was added by some changes and taken away again by later ones.
#[derive(Default)]
struct Taken<'a> {
    users: BTreeSet<&'a UserName>,
    environments: BTreeSet<&'a EnvironmentName>,
}

impl<'a> Taken<'a> {
    fn of(changes: impl Iterator<Item = &'a Change>) -> Self {
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

/// The rosters of two branches, and what they were when they went apart.
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
            // Removed there, and somebody else has the name.
            (Some(before), Some(_)) => here.map_or(was_removed, |here| here.id != before.id),
            (None, Some(_)) => here.is_some() || was_removed,
            (None, None) => true,
        }
    }

    fn has_environment(&self, name: &EnvironmentName, was_removed: bool) -> bool {
        let [before, other, here] = [self.before, self.other, self.here].map(|state| state.environments.get(name));
        match (before, other) {
            (Some(before), Some(other)) if before.added == other.added => {
                // Removed here, and perhaps another one has the name, on which nobody has the rights they had on the first.
                let Some(here) = here.filter(|here| here.added == before.added) else { return true };
                if other.protected != before.protected && here.protected < other.protected {
                    return false;
                }
                let users = before.grants.keys().chain(other.grants.keys());
                users.into_iter().all(|user| {
                    let [before, other, here] = [before, other, here].map(|of| of.grants.get(user));
                    // Whoever is not a user any more has no rights to lack.
                    other == before
                        || here == other
                        || !self.here.users.contains_key(user)
                        || (other < before && here < other)
                        || (other > before && here != before)
                })
            }
            (Some(before), None) => here.is_none_or(|here| here.added != before.added),
            // Removed there, and another one was added.
            (Some(before), Some(_)) => here.map_or(was_removed, |here| here.added != before.added),
            (None, Some(_)) => here.is_some() || was_removed,
            (None, None) => true,
        }
    }
}
