//! A text that a user edits: what it changes, how it is merged with what others changed in the meantime, and the record
//! that is kept until it is saved. This module has only the rules and needs no vault.

mod changes;
mod conflict;
mod record;
#[cfg(test)]
mod tests;
mod text;

pub use changes::{Changes, Rules};
pub use conflict::Collision;
pub(crate) use conflict::Merged;
pub use record::MAX_BODY;
pub use text::carried_by;

use crate::error::Result;
use crate::item::{Content, Digest, Item};
use crate::name::{EnvironmentName, ItemName, NamedItem};
use crate::secret::SecretBytes;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// How long a draft is kept, in seconds: a week.
pub const KEPT_FOR: i64 = 7 * 24 * 60 * 60;
/// The number of drafts that a user can have of one vault on one device. A further draft replaces the oldest.
pub const MOST: usize = 16;

/// A text that a user edits, and the items it started from. Two drafts are compared in tests only: their digests would
/// confirm a guess.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq))]
pub struct Draft {
    /// When the draft was last stored.
    pub time: Time,
    /// The environment that the text belongs to. Reading and saving are confirmed and logged as this environment, so a
    /// front end can't set another one.
    pub(crate) environment: EnvironmentName,
    /// The item whose value the text is; `None` if the text has a line for each item.
    pub(crate) item: Option<ItemName>,
    /// The items that were shown, without their earlier values.
    pub(crate) base: Content,
    /// The items of the environment that the text left out when it was begun, because a line can't hold them. They are
    /// kept with the draft, so that continuing it says nothing about a value that somebody has set since.
    pub left_out: BTreeSet<ItemName>,
    /// The text as it is now.
    pub text: SecretBytes,
    /// The items that somebody else changed and that the text reported to the user, with their digest in the vault at
    /// that time; `None` if they had been removed.
    pub(crate) shown_conflicts: BTreeMap<ItemName, Option<Digest>>,
}

impl Draft {
    /// Starts a draft of the value of one item.
    ///
    /// # Errors
    /// A not-found error if `shown` has no such item.
    pub fn of_item(environment: &EnvironmentName, name: &ItemName, shown: &Content, now: Time) -> Result<Self> {
        let text = shown.item(environment, name)?.current.value.clone();
        Ok(Self::new(environment, Some(name.clone()), shown, text, now))
    }

    /// Starts a draft with a line for each of these items. Its heading names the items that it leaves out.
    ///
    /// # Errors
    /// If one of the items can't be written as a line.
    pub fn of_environment(
        environment: &EnvironmentName,
        shown: &Content,
        left_out: BTreeSet<ItemName>,
        now: Time,
    ) -> Result<Self> {
        let text = text::of_environment(environment, shown, &left_out)?;
        Ok(Self { left_out, ..Self::new(environment, None, shown, text, now) })
    }

    fn new(
        environment: &EnvironmentName,
        item: Option<ItemName>,
        shown: &Content,
        text: SecretBytes,
        now: Time,
    ) -> Self {
        let base = Content::of_items(shown.items().values().map(without_history));
        let (left_out, shown_conflicts) = Default::default();
        Self { time: now, environment: environment.clone(), item, base, left_out, text, shown_conflicts }
    }

    /// Returns the environment that the text belongs to.
    #[must_use]
    pub fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    /// Returns the item whose value the text is; `None` if the text has a line for each item.
    #[must_use]
    pub fn item(&self) -> Option<&ItemName> {
        self.item.as_ref()
    }

    /// Returns what the draft is about: `dev`, or `dev/NAME`.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.item {
            Some(item) => NamedItem::within(&self.environment, item).to_string(),
            None => self.environment.to_string(),
        }
    }

    /// Returns whether the draft is too old to be kept.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        (now.utc() - self.time.utc()).num_seconds() > KEPT_FOR
    }
}

fn without_history(item: &Item) -> Item {
    let mut item = item.clone();
    item.history.clear();
    item
}
