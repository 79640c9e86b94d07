//! Makes roster changes again, on top of the other side's roster.
//!
//! Only a change's author can sign it again. What either side took away stays away. If the sides set different rights or
//! roles, the lower one holds: an admin can raise it later, but a value that was readable can't be made unread.

mod anew;
mod refused;

use crate::error::Result;
use crate::merge::{Remade, Side, Way};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Draft, Protection, Right, Role, Roster, State};
pub use refused::keep_one_file;
use refused::{not_lowered, taken};
use std::collections::BTreeSet;

/// A change that was made again.
#[derive(Debug)]
pub struct Made<'w> {
    /// The side that made it first.
    pub side: Side,
    /// The change that had to be made again.
    pub remade: &'w Remade,
    /// The changes that were made for it; none if it was not needed any more.
    pub changes: Vec<Change>,
}

/// A merged roster, with all changes made again.
#[derive(Debug)]
pub struct MadeAgain<'w> {
    /// The roster.
    pub roster: Roster,
    /// The environments that both sides added under the same name, and that are now one.
    pub joined: BTreeSet<EnvironmentName>,
    /// The changes that were made again.
    pub made: Vec<Made<'w>>,
}

impl<'w> MadeAgain<'w> {
    /// Makes all changes of a way again, in the name of `user`. `base` is the roster of the way's side, `before` the
    /// state at the fork, and `append` signs.
    ///
    /// # Errors
    /// A failure if both sides gave the same name to different users or environments, or if a right can't be lowered
    /// again; any error of `append`.
    pub(crate) fn new(
        way: &'w Way,
        (base, before): (&Roster, &State),
        user: &UserName,
        append: &mut dyn FnMut(Side, &Roster, Draft) -> Result<Roster>,
    ) -> Result<Self> {
        let mut again = Self { roster: base.until(way.until)?, joined: BTreeSet::new(), made: Vec::new() };
        let [rest, others] = &way.again;
        // The base's own changes started from the kept part of its roster. The other side's started from the fork.
        let onto = again.roster.state().clone();
        again.make((way.base, rest), Again::new(&onto, &onto), user, append)?;
        let onto = again.roster.state().clone();
        again.make((way.base.other(), others), Again::new(before, &onto), user, append)?;
        Ok(again)
    }

    fn make(
        &mut self,
        (side, all): (Side, &'w [Remade]),
        mut again: Again<'_>,
        user: &UserName,
        append: &mut dyn FnMut(Side, &Roster, Draft) -> Result<Roster>,
    ) -> Result<()> {
        for remade in all {
            let draft = Draft { author: user.clone(), ..remade.draft.clone() };
            // There may be thousands of identical changes.
            if is_so_already(&draft.change, self.roster.state()) {
                continue;
            }
            let changes = again.change(&draft, self.roster.state())?;
            for change in &changes {
                let draft = Draft { change: change.clone(), pending: Vec::new(), ..draft.clone() };
                self.roster = append(side, &self.roster, draft)?;
            }
            self.made.push(Made { side, remade, changes });
        }
        self.joined.append(&mut again.joined);
        Ok(())
    }
}

/// Whether a change would have no effect.
fn is_so_already(change: &Change, now: &State) -> bool {
    match change {
        Change::SetRole { user, role } => now.users.get(user).is_some_and(|user| user.role == *role),
        Change::SetEnvironment { environment, protected } => {
            now.environments.get(environment).is_some_and(|environment| environment.protected == *protected)
        }
        Change::Grant { user, grants } => grants.iter().all(|(name, right)| {
            now.environments.get(name).is_some_and(|environment| environment.grants.get(user) == Some(right))
        }),
        Change::Create { .. }
        | Change::AddUser { .. }
        | Change::RemoveUser { .. }
        | Change::ReplaceKeys { .. }
        | Change::AddEnvironment { .. }
        | Change::RemoveEnvironment { .. }
        | Change::Revoke { .. } => false,
    }
}

/// Makes changes again, one by one.
struct Again<'a> {
    /// The state from which the changes started.
    before: &'a State,
    /// The state of the roster that is kept.
    onto: &'a State,
    /// Users and environments that were added again. They are not those of the same name on the other side.
    added_users: BTreeSet<UserName>,
    added_environments: BTreeSet<EnvironmentName>,
    /// Environments that both sides added.
    joined: BTreeSet<EnvironmentName>,
}

impl<'a> Again<'a> {
    /// `before` is the state from which the changes started, `onto` the state on top of which they are made again.
    fn new(before: &'a State, onto: &'a State) -> Self {
        let (added_users, added_environments, joined) = Default::default();
        Self { before, onto, added_users, added_environments, joined }
    }

    /// Returns the changes to make for one change on top of `now`, which is `onto` with all changes made again so far.
    /// Returns none if the change has no effect any more, or if the other side removed what it is about.
    ///
    /// # Errors
    /// A failure if both sides gave the same name to different users or environments, or if a right can't be lowered
    /// again.
    fn change(&mut self, draft: &Draft, now: &State) -> Result<Vec<Change>> {
        if let Change::AddEnvironment { environment, grants } = &draft.change {
            return self.add_environment(draft, (environment, grants), now);
        }
        Ok(self.one_change(draft, now)?.into_iter().collect())
    }

    fn one_change(&mut self, draft: &Draft, now: &State) -> Result<Option<Change>> {
        match &draft.change {
            Change::AddUser { .. } => self.add_user(draft, now),
            Change::RemoveUser { user } => Ok(self.is_user(user, now).then(|| draft.change.clone())),
            Change::RemoveEnvironment { environment } => {
                Ok(self.is_environment(environment, now).then(|| draft.change.clone()))
            }
            Change::SetRole { user, role } => Ok(self.role(user, *role, now)),
            Change::Grant { user, grants } => {
                let mut left = Vec::new();
                for (name, right) in grants {
                    left.extend(self.right(draft, user, (name, *right), now)?);
                }
                Ok((!left.is_empty()).then(|| Change::Grant { user: user.clone(), grants: left }))
            }
            Change::Revoke { user, environments } => {
                let has = |name: &&EnvironmentName| {
                    now.environments.get(*name).is_some_and(|environment| environment.reads(user))
                };
                let environments: Vec<_> = environments.iter().filter(has).cloned().collect();
                let is_left = self.is_user(user, now) && !environments.is_empty();
                Ok(is_left.then(|| Change::Revoke { user: user.clone(), environments }))
            }
            Change::SetEnvironment { environment, protected } => Ok(self.protection(environment, *protected, now)),
            Change::ReplaceKeys { .. } => Ok(Some(draft.change.clone())),
            Change::Create { .. } | Change::AddEnvironment { .. } => Ok(None),
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

    /// Adds an environment. If the other side added one of the same name, both become one, with the rights on both.
    fn add_environment(
        &mut self,
        draft: &Draft,
        (name, grants): (&EnvironmentName, &[(UserName, Right)]),
        now: &State,
    ) -> Result<Vec<Change>> {
        let known = now.environments.get(name);
        if known.is_some_and(|environment| !environment.writes(&draft.author)) {
            return Err(taken("environment", name.as_str()));
        }
        self.added_environments.insert(name.clone());
        let grants: Vec<_> = grants.iter().filter(|(user, _)| self.is_user(user, now)).cloned().collect();
        let Some(known) = known else { return Ok(self.add_anew(draft, name, grants)) };
        self.joined.insert(name.clone());
        let mut changes = Vec::new();
        for (user, right) in grants {
            let theirs = known.grants.get(&user).copied();
            let right = theirs.map_or(right, |theirs| theirs.min(right));
            if theirs != Some(right) {
                changes.push(Change::Grant { user, grants: vec![(name.clone(), right)] });
            }
        }
        Ok(changes)
    }

    /// Sets the protection of an environment, unless the other side has set a stronger one.
    fn protection(&self, name: &EnvironmentName, protected: Protection, now: &State) -> Option<Change> {
        let set_in = |state: &State| state.environments.get(name).map(|environment| environment.protected);
        let theirs = set_in(self.onto).filter(|theirs| Some(*theirs) != set_in(self.before));
        let protected = theirs.map_or(protected, |theirs| theirs.max(protected));
        let is_raised = self.is_replaced(name, now) && set_in(now) < Some(protected);
        let is_new = is_raised || (self.is_environment(name, now) && set_in(now) != Some(protected));
        is_new.then(|| Change::SetEnvironment { environment: name.clone(), protected })
    }

    fn role(&self, user: &UserName, role: Role, now: &State) -> Option<Change> {
        let role_in = |state: &State| state.users.get(user).map(|user| user.role);
        let theirs = role_in(self.onto).filter(|theirs| Some(*theirs) != role_in(self.before));
        let role = theirs.map_or(role, |theirs| theirs.min(role));
        self.is_user(user, now).then(|| Change::SetRole { user: user.clone(), role })
    }

    /// Returns a right to grant again, but no more than what the other side left of it.
    fn right(
        &self,
        draft: &Draft,
        user: &UserName,
        (name, right): (&EnvironmentName, Right),
        now: &State,
    ) -> Result<Option<(EnvironmentName, Right)>> {
        let right_in =
            |state: &State| state.environments.get(name).and_then(|environment| environment.grants.get(user).copied());
        if self.is_user(user, now) && self.is_replaced(name, now) {
            // Another environment has the name now. Give no right on it, but lower the right on it if this change lowered
            // it.
            let is_lowered = right_in(self.before) > Some(right) && right_in(now) > Some(right);
            return match is_lowered {
                true if !now.environments.get(name).is_some_and(|environment| environment.writes(&draft.author)) => {
                    Err(not_lowered(&draft.author, user, name))
                }
                lowered => Ok(lowered.then(|| (name.clone(), right))),
            };
        }
        if !self.is_user(user, now) || !self.is_environment(name, now) {
            return Ok(None);
        }
        let theirs = right_in(self.onto);
        let left = if theirs == right_in(self.before) { Some(right) } else { theirs.map(|theirs| theirs.min(right)) };
        let Some(left) = left else { return Ok(None) };
        if self.can_grant(draft, name, now) {
            return Ok(Some((name.clone(), left)));
        }
        // An author who can't write the environment any more can't grant rights on it. But a right that the author
        // lowered must not come back.
        match right_in(now) > Some(left) {
            true => Err(not_lowered(&draft.author, user, name)),
            false => Ok(None),
        }
    }

    fn can_grant(&self, draft: &Draft, name: &EnvironmentName, now: &State) -> bool {
        self.is_environment(name, now)
            && now.environments.get(name).is_some_and(|environment| environment.writes(&draft.author))
    }

    /// Whether the user of this name is still the one that the change was about.
    fn is_user(&self, user: &UserName, now: &State) -> bool {
        let id_in = |state: &State| state.users.get(user).map(|user| user.id);
        let is_known = id_in(now).is_some() && id_in(now) == id_in(self.before);
        is_known || (self.added_users.contains(user) && now.users.contains_key(user))
    }

    fn is_environment(&self, name: &EnvironmentName, now: &State) -> bool {
        let added_in = |state: &State| state.environments.get(name).map(|environment| environment.added);
        let is_known = added_in(now).is_some() && added_in(now) == added_in(self.before);
        is_known || (self.added_environments.contains(name) && now.environments.contains_key(name))
    }
}

#[cfg(test)]
mod tests;
