//! Checks an item before it gets into a content. What a reader of a block refuses must not get in.

use super::limits::check_value;
use super::{Item, is_id};
use crate::error::{Error, Result};
use crate::name::ItemName;

impl Item {
    /// Checks that an item is within the limits under this name. A program may have changed its fields.
    ///
    /// # Errors
    /// A usage error that says what is not valid.
    pub(super) fn check(&self, name: &ItemName) -> Result<()> {
        self.metadata.check(name)?;
        for version in self.versions() {
            check_value(name, &version.value)?;
            if version.set_id.as_ref().is_some_and(|id| !is_id(id)) {
                return Err(Error::usage(format!("a version of {name} has an invalid id")));
            }
        }
        Ok(())
    }
}
