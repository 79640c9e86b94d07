//! What a change did, so that it can be undone. These are the rules alone, without a vault.
//!
//! For every environment that a change touched, a [`Record`] holds the items as they were before, and only digests of
//! what they became. That is enough to put the old items back, and to detect that somebody changed them since.

mod record;
#[cfg(test)]
mod tests;
mod words;

pub use record::{MAX_BODY, Unreadable};

use crate::file::{BlockStatement, Relation};
use crate::identity::Head;
use crate::item::Content;
use crate::log::Action;
use crate::marks::Seen;
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::roster::{Environment, Right, Role, State};
use crate::signature::Hash;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long a change can be taken back, in seconds: one day.
pub const KEPT_FOR: i64 = 24 * 60 * 60;

/// A change of one user on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What was done.
    pub action: Action,
    /// Whether the change was the undoing of such an action, and taking it back does it again.
    pub is_undo: bool,
    /// When.
    pub time: Time,
    /// The roster after it.
    pub roster: Head,
    /// What it did, or why that wasn't kept.
    pub done: Result<Vec<Part>, NotKept>,
}

/// Why a change can't be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotKept {
    /// It is no change of items or environments alone: users, rights, keys and merges stay as they are.
    OtherKind,
    /// It changed more than is kept.
    TooLarge,
    /// It removed an environment that its author could not write.
    NoRight,
}

/// What a change did to one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name.
    pub environment: EnvironmentName,
    /// Whether it was there before, and is after.
    pub fate: Fate,
    /// Its save by this change; none where it was removed.
    pub save: Option<Seen>,
    /// Who had a right on an environment that was removed.
    pub grants: Vec<Grant>,
    /// The digest of each item that was changed, added or removed (then none), as it was after.
    pub after: BTreeMap<ItemName, Option<Hash>>,
    /// Those of these items that were there before, with their values.
    pub(crate) before: Content,
}

/// What became of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It was there before and after.
    Changed,
    /// The change added it.
    Added,
    /// The change removed it.
    Removed,
}

/// A right on an environment that was removed, and whose it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    user: UserName,
    /// The user's identifier: a later user of the same name is somebody else.
    id: Hash,
    is_admin: bool,
    writes: bool,
}

/// Why an environment can't get its items back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The file doesn't go on from the change: it is older, or of another branch.
    NotHere,
    /// So much was saved since that nobody can tell.
    TooLongAgo,
    /// The environment was removed and added again.
    AddedAgain,
    /// The change was merged with another branch.
    Merged,
    /// The same user has changed the environment since, elsewhere.
    ChangedElsewhere,
}

/// Whether changes of this kind can be taken back.
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
    /// Whether it is too old to be taken back.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        (now.utc() - self.time.utc()).num_seconds() > KEPT_FOR
    }

    /// Whether taking it back adds or removes an environment, which is a change of the roster.
    #[must_use]
    pub fn changes_roster(&self) -> bool {
        self.done.as_ref().is_ok_and(|parts| parts.iter().any(|part| part.fate != Fate::Changed))
    }
}

impl Part {
    /// What a change did to an environment that is there before and after it; `None` if it did nothing to its items.
    #[must_use]
    pub(crate) fn changed(
        environment: &EnvironmentName,
        before: &Content,
        after: &Content,
        save: Seen,
    ) -> Option<Self> {
        let names =
            before.items().keys().chain(after.items().keys().filter(|name| !before.items().contains_key(*name)));
        let mut digests = BTreeMap::new();
        for name in names {
            let (old, new) = (before.items().get(name), after.items().get(name));
            if old != new {
                digests.insert(name.clone(), new.map(|item| item.digest(environment)));
            }
        }
        if digests.is_empty() {
            return None;
        }
        let old = before.items().values().filter(|item| digests.contains_key(&item.name)).cloned();
        let (environment, before) = (environment.clone(), Content::of_items(old));
        Some(Self { environment, fate: Fate::Changed, save: Some(save), grants: Vec::new(), after: digests, before })
    }

    /// An environment that a change added, with what it holds.
    #[must_use]
    pub(crate) fn added(environment: &EnvironmentName, after: &Content, save: Seen) -> Self {
        let digest = |item: &crate::item::Item| (item.name.clone(), Some(item.digest(environment)));
        let after = after.items().values().map(digest).collect();
        let (environment, before) = (environment.clone(), Content::default());
        Self { environment, fate: Fate::Added, save: Some(save), grants: Vec::new(), after, before }
    }

    /// An environment that a change removed, with what it held and who had which right.
    #[must_use]
    pub(crate) fn removed(environment: &EnvironmentName, before: &Content, of: &Environment, state: &State) -> Self {
        let grant = |(name, right): (&UserName, &Right)| {
            let user = state.users.get(name)?;
            let (is_admin, writes) = (user.role == Role::Admin, *right == Right::Write);
            Some(Grant { user: name.clone(), id: user.id, is_admin, writes })
        };
        let before = Content::of_items(before.items().values().cloned());
        let after = before.items().keys().map(|name| (name.clone(), None)).collect();
        let grants = of.grants.iter().filter_map(grant).collect();
        Self { environment: environment.clone(), fate: Fate::Removed, save: None, grants, after, before }
    }

    /// The items that are not any more as this change left them.
    #[must_use]
    pub(crate) fn changed_since(&self, now: &Content) -> Vec<ItemName> {
        let mut changed = Vec::new();
        for (name, digest) in &self.after {
            if now.items().get(name).map(|item| item.digest(&self.environment)) != *digest {
                changed.push(name.clone());
            }
        }
        if self.fate == Fate::Added {
            // The whole environment would go, so what came into it since counts, too.
            changed.extend(now.items().keys().filter(|name| !self.after.contains_key(*name)).cloned());
        }
        changed
    }

    /// Puts the items back that were there before, and removes those that were not.
    ///
    /// # Errors
    /// A failure without random numbers.
    pub(crate) fn take_back(&self, content: &mut Content, by: &UserName, now: Time) -> crate::error::Result<()> {
        self.after.keys().try_for_each(|name| content.put_back(name, self.before.items().get(name), by, now))
    }

    /// Whether the save that an environment has now, by its statement and that one's hash, goes on from this change and
    /// from no other change of the same user.
    ///
    /// # Errors
    /// Why it doesn't.
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

    /// Who gets which right on an environment that comes back: nobody gets more than they had, and whoever is gone, is
    /// another user of that name, or is no admin any more, gets none. Names who was left out.
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
