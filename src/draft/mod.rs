//! A text that a user edits: what it changes, how it is merged with what others changed meanwhile, and the record of it
//! that is kept until it is saved. These are the rules alone, without a vault.

mod changes;
mod conflict;
mod record;
#[cfg(test)]
mod tests;
mod text;

pub use changes::{Changes, Rules};
pub use conflict::Collision;
pub use record::{MAX_BODY, Unreadable};
pub use text::carried_by;

use crate::error::Result;
use crate::item::{Content, Item};
use crate::name::{EnvironmentName, ItemName};
use crate::secret::SecretBytes;
use crate::signature::Hash;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// How long a draft is kept, in seconds: a week.
pub const KEPT_FOR: i64 = 7 * 24 * 60 * 60;
/// How many drafts a user has of one vault on one device. Another one takes the place of the oldest.
pub const MOST: usize = 16;

/// A text that somebody edits, and what it began as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// When it was kept last.
    pub time: Time,
    /// The environment.
    pub environment: EnvironmentName,
    /// The one item whose value the text is; else the text has a line for each item.
    pub item: Option<ItemName>,
    /// The items that were shown, without their earlier values.
    pub base: Content,
    /// The text.
    pub text: SecretBytes,
    /// The items that somebody else changed, and that the editor was told of: their digest in the vault then, or none where
    /// they were removed.
    pub told: BTreeMap<ItemName, Option<Hash>>,
}

impl Draft {
    /// The value of one item.
    ///
    /// # Errors
    /// A not-found error if it is not among these.
    pub fn of_item(environment: &EnvironmentName, name: &ItemName, shown: &Content, now: Time) -> Result<Self> {
        let text = shown.item(environment, name)?.current.value.clone();
        Ok(Self::new(environment, Some(name.clone()), shown, text, now))
    }

    /// A text with a line for each of these items, which [`carried_by`] leaves. Its heading names the others.
    ///
    /// # Errors
    /// If one of the items can't be such a line.
    pub fn of_environment(
        environment: &EnvironmentName,
        shown: &Content,
        others: &BTreeSet<ItemName>,
        now: Time,
    ) -> Result<Self> {
        let text = text::of_environment(environment, shown, others)?;
        Ok(Self::new(environment, None, shown, text, now))
    }

    fn new(
        environment: &EnvironmentName,
        item: Option<ItemName>,
        shown: &Content,
        text: SecretBytes,
        now: Time,
    ) -> Self {
        let base = Content::of_items(shown.items().values().map(without_history));
        Self { time: now, environment: environment.clone(), item, base, text, told: BTreeMap::new() }
    }

    /// What it is of: `dev`, or `dev/NAME`.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.item {
            Some(item) => format!("{}/{item}", self.environment),
            None => self.environment.to_string(),
        }
    }

    /// Whether it is too old to be kept.
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
