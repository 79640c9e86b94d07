//! Records what a change did, so that it can be undone. This module has only the rules and needs no vault.
//!
//! For each environment that a change touched, a [`Record`] holds the items as they were before, and only digests of
//! the items after it. That is enough to restore the old items, and to detect that somebody has changed them since.

mod record;
#[cfg(test)]
mod tests;
mod words;

pub use record::MAX_BODY;

use crate::file::{BlockStatement, Relation};
use crate::identity::Head;
use crate::item::{Content, Digest};
use crate::log::Action;
use crate::marks::Seen;
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::roster::{Environment, Right, Role, State};
use crate::signature::Hash;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long a change can be undone, in seconds: one day.
pub const KEPT_FOR: i64 = 24 * 60 * 60;

/// A change that a user made on one device. Two records are compared in tests only: it would compare values.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq))]
pub struct Record {
    /// The action that made the change.
    pub action: Action,
    /// Whether the change undid such an action, so that undoing it redoes the action.
    pub is_undo: bool,
    /// The time of the change.
    pub time: Time,
    /// The head of the roster after the change.
    pub roster: Head,
    /// What the change did, or why that was not recorded.
    pub done: Result<Vec<Part>, NotKept>,
}

/// Why a change can't be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotKept {
    /// The change is not limited to items and environments: users, rights, keys and merges can't be undone.
    OtherKind,
    /// The change was too large to record.
    TooLarge,
    /// The change removed an environment that its author could not write.
    NoRight,
}

/// What a change did to one environment.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq))]
pub struct Part {
    /// The environment's name.
    pub environment: EnvironmentName,
    /// Whether the environment existed before the change, and exists after it.
    pub fate: Fate,
    /// The save of the environment by this change; `None` if the change removed it.
    pub save: Option<Seen>,
    /// The rights that users had on an environment that was removed.
    pub grants: Vec<Grant>,
    /// The digest after the change of each item that it changed or added; `None` for an item that it removed.
    pub(crate) after: BTreeMap<ItemName, Option<Digest>>,
    /// Those of these items that existed before the change, with their values.
    pub(crate) before: Content,
}

/// What a change did to an environment itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// The environment existed before and after the change.
    Changed,
    /// The change added the environment.
    Added,
    /// The change removed the environment.
    Removed,
}

/// A right that a user had on an environment that was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    user: UserName,
    /// The user's identifier: a later user of the same name is somebody else.
    id: Hash,
    is_admin: bool,
    writes: bool,
}

/// Why the items of an environment can't be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The file does not descend from the change: it is older, or from another branch.
    NotHere,
    /// There were too many saves since to tell.
    TooLongAgo,
    /// The environment was removed and added again.
    AddedAgain,
    /// The change was merged with another branch.
    Merged,
    /// The same user has changed the environment since, elsewhere.
    ChangedElsewhere,
}

/// Returns whether changes by this action can be undone.
#[must_use]
pub fn is_undoable(action: Action) -> bool {
    matches!(
        action,
        Action::Set
            | Action::Remove
            | Action::Move
            | Action::Copy
            | Action::Edit
            | Action::Rollback
            | Action::Rotate
            | Action::Import
            | Action::EnvAdd
            | Action::EnvRemove
            | Action::EnvCopy
            | Action::Undo
    )
}

impl Record {
    /// Returns whether the record is too old to be kept.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        (now.utc() - self.time.utc()).num_seconds() > KEPT_FOR
    }

    /// Returns whether undoing the change adds or removes an environment, which is a change of the roster.
    #[must_use]
    pub fn changes_roster(&self) -> bool {
        self.done.as_ref().is_ok_and(|parts| parts.iter().any(|part| part.fate != Fate::Changed))
    }
}

impl Part {
    /// What a change did to an environment that exists before and after it; `None` if its items did not change.
    #[must_use]
    pub(crate) fn changed(
        environment: &EnvironmentName,
        before: &Content,
        after: &Content,
        save: Seen,
    ) -> Option<Self> {
        let mut digests = BTreeMap::new();
        for name in before.differing(after) {
            let digest = after.items().get(&name).map(|item| item.digest(environment));
            digests.insert(name, digest);
        }
        if digests.is_empty() {
            return None;
        }
        let old = before.items().values().filter(|item| digests.contains_key(&item.name)).cloned();
        let (environment, before) = (environment.clone(), Content::of_items(old));
        Some(Self { environment, fate: Fate::Changed, save: Some(save), grants: Vec::new(), after: digests, before })
    }

    /// What a change did to an environment that it added, with its items.
    #[must_use]
    pub(crate) fn added(environment: &EnvironmentName, after: &Content, save: Seen) -> Self {
        let digest = |item: &crate::item::Item| (item.name.clone(), Some(item.digest(environment)));
        let after = after.items().values().map(digest).collect();
        let (environment, before) = (environment.clone(), Content::default());
        Self { environment, fate: Fate::Added, save: Some(save), grants: Vec::new(), after, before }
    }

    /// What a change did to an environment that it removed, with its items and everybody's rights on it.
    #[must_use]
    pub(crate) fn removed(
        environment: &EnvironmentName,
        before: &Content,
        in_roster: &Environment,
        state: &State,
    ) -> Self {
        let grant = |(name, right): (&UserName, &Right)| {
            let user = state.users.get(name)?;
            let (is_admin, writes) = (user.role == Role::Admin, *right == Right::Write);
            Some(Grant { user: name.clone(), id: user.id, is_admin, writes })
        };
        let before = Content::of_items(before.items().values().cloned());
        let after = before.items().keys().map(|name| (name.clone(), None)).collect();
        let grants = in_roster.grants.iter().filter_map(grant).collect();
        Self { environment: environment.clone(), fate: Fate::Removed, save: None, grants, after, before }
    }

    /// Returns the items that are no longer as this change left them.
    #[must_use]
    pub(crate) fn changed_since(&self, now: &Content) -> Vec<ItemName> {
        let mut changed = Vec::new();
        for (name, digest) in &self.after {
            if now.items().get(name).map(|item| item.digest(&self.environment)) != *digest {
                changed.push(name.clone());
            }
        }
        if self.fate == Fate::Added {
            // Undoing would remove the whole environment, so items added since count as well.
            changed.extend(now.items().keys().filter(|name| !self.after.contains_key(*name)).cloned());
        }
        changed
    }

    /// Restores the items that existed before the change, and removes those that did not.
    ///
    /// # Errors
    /// If the operating system provides no random numbers.
    pub(crate) fn take_back(&self, content: &mut Content, by: &UserName, now: Time) -> crate::error::Result<()> {
        self.after.keys().try_for_each(|name| content.put_back(name, self.before.items().get(name), by, now))
    }

    /// Checks that the last save of an environment, given by its statement and the statement's hash, descends from this
    /// change, and that it is not a later change by the same user.
    ///
    /// # Errors
    /// The obstacle, if the check fails.
    pub fn check_goes_on(
        &self,
        added: u32,
        statement: &BlockStatement,
        hash: &Hash,
        user: &UserName,
    ) -> Result<(), Obstacle> {
        let Some(save) = &self.save else { return Ok(()) };
        if save.added != added {
            return Err(Obstacle::AddedAgain);
        }
        match statement.relation(hash, (save.version, &save.hash)) {
            Relation::Same => Ok(()),
            Relation::CannotTell { .. } => Err(Obstacle::TooLongAgo),
            Relation::GoesOn if statement.author != *user => Ok(()),
            Relation::GoesOn if statement.previous.len() > 1 => Err(Obstacle::Merged),
            Relation::GoesOn => Err(Obstacle::ChangedElsewhere),
            Relation::Lost | Relation::Jump | Relation::Older | Relation::Fork => Err(Obstacle::NotHere),
        }
    }

    /// Returns the rights to give on an environment that is restored, and the users who are left out. Nobody gets more
    /// than they had. A user who is gone, was replaced by another user of the same name, or is no longer an admin gets
    /// none.
    #[must_use]
    pub fn grants_now(&self, state: &State) -> (Vec<(UserName, Right)>, Vec<UserName>) {
        let (mut grants, mut left_out) = (Vec::new(), Vec::new());
        for Grant { user, id, is_admin, writes } in &self.grants {
            let holds = |now: &crate::roster::User| now.id == *id && (!is_admin || now.role == Role::Admin);
            if state.users.get(user).is_some_and(holds) {
                grants.push((user.clone(), if *writes { Right::Write } else { Right::Read }));
            } else {
                left_out.push(user.clone());
            }
        }
        (grants, left_out)
    }
}
