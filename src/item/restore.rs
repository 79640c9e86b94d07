//! Restores an item to an earlier state, as a new change.

use super::{Content, Item, Place};
use crate::error::Result;
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::signature::Hash;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A hash of a whole item, with its values. Whoever has it can try guesses without the vault, so it stays inside the
/// library, is stored only encrypted, and is left out of debug output.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Digest(Hash);

impl Digest {
    /// Returns the hash of these bytes.
    #[must_use]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Hash::of(bytes))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

impl Item {
    /// Returns a hash of the whole item in this environment. It differs if anything about the item has changed.
    #[must_use]
    pub(crate) fn digest(&self, environment: &EnvironmentName) -> Digest {
        let place = Place { vault: &Hash::ZERO, environment, version: 0 };
        Digest::of(&Content::of_items([self.clone()]).to_json(&place))
    }

    fn is_same_as(&self, other: &Self) -> bool {
        (&self.id, self.created_at) == (&other.id, other.created_at)
    }
}

impl Content {
    /// Restores the item of this name to the state `before`, or removes it if there was none. For an existing item, the
    /// restored value becomes a new version, so that the value in between stays as an earlier one. A removed item returns
    /// with its history.
    ///
    /// # Errors
    /// A failure if there are no random numbers; a usage error if the item is not within the limits.
    pub(crate) fn put_back(&mut self, name: &ItemName, before: Option<&Item>, by: &UserName, now: Time) -> Result<()> {
        let Some(before) = before else {
            self.items.remove(name);
            return Ok(());
        };
        before.check(name)?;
        match self.items.get_mut(name) {
            Some(item) if item.is_same_as(before) => {
                if item.current.value != before.current.value {
                    item.renew(before.current.value.clone(), by, now)?;
                    // The item's own version of that value may have been dropped from the history, together with its
                    // mark.
                    item.current.rotate_due = item.current.rotate_due.or(before.current.rotate_due);
                }
                item.metadata = before.metadata.clone();
                item.touch(by, now);
            }
            _ => {
                let mut item = before.clone();
                item.touch(by, now);
                self.moved.extend(item.id.is_some().then_some(item.created_at));
                self.items.insert(name.clone(), item);
            }
        }
        Ok(())
    }
}
