//! Putting an item back as it was, as a new change.

use super::{Content, Item, Place};
use crate::error::Result;
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::signature::Hash;
use crate::time::Time;

impl Item {
    /// A hash of the item with all it carries in this environment: another one tells that anything of it changed. It is of
    /// values, so it must not leave what is encrypted.
    #[must_use]
    pub fn digest(&self, environment: &EnvironmentName) -> Hash {
        let place = Place { vault: &Hash::ZERO, environment, version: 0 };
        Hash::of(&Content::of_items([self.clone()]).to_json(&place))
    }

    fn is_same_as(&self, other: &Self) -> bool {
        (&self.id, self.created_at) == (&other.id, other.created_at)
    }
}

impl Content {
    /// Makes the item of this name what it was before, if it was anything. The value of an item that is there becomes a new
    /// version, so that what it had meanwhile is an earlier one; an item that is not there comes back with its history.
    ///
    /// # Errors
    /// A failure without random numbers.
    pub fn put_back(&mut self, name: &ItemName, before: Option<&Item>, by: &UserName, now: Time) -> Result<()> {
        let Some(before) = before else {
            self.items.remove(name);
            return Ok(());
        };
        match self.items.get_mut(name) {
            Some(item) if item.is_same_as(before) => {
                if item.current.value != before.current.value {
                    item.renew(before.current.value.clone(), by, now)?;
                    // Its own earlier version may have been the eleventh.
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
