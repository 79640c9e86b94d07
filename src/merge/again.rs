//! Making changes of users and rights again, on top of the other side's roster.
//!
//! Only who made a change can sign it again. What either side took away stays taken away, and of two values for a right or a
//! role the lower one holds: of two signed wishes the one that gives less can be corrected by whoever may, and what the other
//! one gave away can't be taken back.

use crate::error::{Error, Result};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Draft, Protection, Right, Role, Roster, State, Statement};
use std::collections::BTreeSet;

/// The changes of a roster after this one.
#[must_use]
pub fn after(roster: &Roster, common: u32) -> &[Statement] {
    roster.statements().get(common as usize..).unwrap_or_default()
}

/// Who made all changes after this one, if that was one user.
#[must_use]
pub fn sole_author(roster: &Roster, common: u32) -> Option<&UserName> {
    let mut authors = after(roster, common).iter().map(|statement| &statement.draft.author);
    let first = authors.next()?;
    authors.all(|author| author == first).then_some(first)
}

/// Makes changes again, one after the other.
pub struct Again<'a> {
    /// The last roster that both sides had.
    before: &'a State,
    /// The roster that stands.
    onto: &'a State,
    /// Users and environments that were added again: they are none that the other side knows.
    added_users: BTreeSet<UserName>,
    added_environments: BTreeSet<EnvironmentName>,
}

impl<'a> Again<'a> {
    /// `before` is what both sides went on from, `onto` what the changes are made on top of.
    #[must_use]
    pub fn new(before: &'a State, onto: &'a State) -> Self {
        Self { before, onto, added_users: BTreeSet::new(), added_environments: BTreeSet::new() }
    }

    /// What is left of a change on top of `now`, which is `onto` and what was made again so far: nothing where it is so
    /// already, or where the other side has taken away what it is about.
    ///
    /// # Errors
    /// A usage error where both sides have given one name to two things.
    pub fn change(&mut self, draft: &Draft, now: &State) -> Result<Option<Change>> {
        match &draft.change {
            Change::AddUser { .. } => self.add_user(draft, now),
            Change::AddEnvironment { environment, grants } => self.add_environment(environment, grants, now),
            Change::RemoveUser { user } => Ok(self.is_user(user, now).then(|| draft.change.clone())),
            Change::RemoveEnvironment { environment } => {
                Ok(self.is_environment(environment, now).then(|| draft.change.clone()))
            }
            Change::SetRole { user, role } => Ok(self.role(user, *role, now)),
            Change::Grant { user, grants } => {
                let grants: Vec<_> =
                    grants.iter().filter_map(|(name, right)| self.right(draft, user, (name, *right), now)).collect();
                Ok((!grants.is_empty()).then(|| Change::Grant { user: user.clone(), grants }))
            }
            Change::Revoke { user, environments } => {
                let has = |name: &&EnvironmentName| now.environments.get(*name).is_some_and(|of| of.reads(user));
                let environments: Vec<_> = environments.iter().filter(has).cloned().collect();
                let is_left = self.is_user(user, now) && !environments.is_empty();
                Ok(is_left.then(|| Change::Revoke { user: user.clone(), environments }))
            }
            Change::SetEnvironment { environment, protected } => Ok(self.protection(environment, *protected, now)),
            Change::ReplaceKeys { .. } => Ok(Some(draft.change.clone())),
            Change::Create { .. } => Ok(None),
        }
    }

    fn add_user(&mut self, draft: &Draft, now: &State) -> Result<Option<Change>> {
        let Change::AddUser { user, email, role, grants, keys } = &draft.change else { return Ok(None) };
        if let Some(known) = now.users.get(user) {
            return if known.keys == keys.keys { Ok(None) } else { Err(taken("user", user.as_str())) };
        }
        let grants = grants.iter().filter(|(name, _)| self.can_grant(draft, name, now)).cloned().collect();
        self.added_users.insert(user.clone());
        let (user, email, role, keys) = (user.clone(), email.clone(), *role, keys.clone());
        Ok(Some(Change::AddUser { user, email, role, grants, keys }))
    }

    fn add_environment(
        &mut self,
        name: &EnvironmentName,
        grants: &[(UserName, Right)],
        now: &State,
    ) -> Result<Option<Change>> {
        if now.environments.contains_key(name) {
            return Err(taken("environment", name.as_str()));
        }
        let grants = grants.iter().filter(|(user, _)| now.users.contains_key(user)).cloned().collect();
        self.added_environments.insert(name.clone());
        Ok(Some(Change::AddEnvironment { environment: name.clone(), grants }))
    }

    /// What the other side has set stays where it protects more.
    fn protection(&self, name: &EnvironmentName, protected: Protection, now: &State) -> Option<Change> {
        let set_in = |state: &State| state.environments.get(name).map(|of| of.protected);
        let theirs = set_in(self.onto).filter(|theirs| Some(*theirs) != set_in(self.before));
        let protected = theirs.map_or(protected, |theirs| theirs.max(protected));
        let is_new = self.is_environment(name, now) && set_in(now) != Some(protected);
        is_new.then(|| Change::SetEnvironment { environment: name.clone(), protected })
    }

    fn role(&self, user: &UserName, role: Role, now: &State) -> Option<Change> {
        let role_in = |state: &State| state.users.get(user).map(|user| user.role);
        let theirs = role_in(self.onto).filter(|theirs| Some(*theirs) != role_in(self.before));
        let role = theirs.map_or(role, |theirs| theirs.min(role));
        self.is_user(user, now).then(|| Change::SetRole { user: user.clone(), role })
    }

    /// A right that is given again: not beyond what the other side has left of it.
    fn right(
        &self,
        draft: &Draft,
        user: &UserName,
        (name, right): (&EnvironmentName, Right),
        now: &State,
    ) -> Option<(EnvironmentName, Right)> {
        if !self.is_user(user, now) || !self.can_grant(draft, name, now) {
            return None;
        }
        let right_in = |state: &State| state.environments.get(name).and_then(|of| of.grants.get(user).copied());
        let theirs = right_in(self.onto);
        let right = if theirs == right_in(self.before) { right } else { theirs?.min(right) };
        Some((name.clone(), right))
    }

    fn can_grant(&self, draft: &Draft, name: &EnvironmentName, now: &State) -> bool {
        self.is_environment(name, now)
            && now.environments.get(name).is_some_and(|environment| environment.writes(&draft.author))
    }

    /// Whether the user of this name is the one that the change was about: not removed, and nobody else since.
    fn is_user(&self, user: &UserName, now: &State) -> bool {
        let id_in = |state: &State| state.users.get(user).map(|user| user.id);
        let is_known = id_in(now).is_some() && id_in(now) == id_in(self.before);
        is_known || (self.added_users.contains(user) && now.users.contains_key(user))
    }

    fn is_environment(&self, name: &EnvironmentName, now: &State) -> bool {
        let added_in = |state: &State| state.environments.get(name).map(|of| of.added);
        let is_known = added_in(now).is_some() && added_in(now) == added_in(self.before);
        is_known || (self.added_environments.contains(name) && now.environments.contains_key(name))
    }
}

fn taken(what: &str, name: &str) -> Error {
    Error::failed(format!("both sides added the {what} \"{name}\""))
        .hint(format!("remove \"{name}\" on one of the branches, then merge again"))
}

#[cfg(test)]
mod tests;
