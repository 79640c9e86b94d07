//! Corrects impossible times in a block. A value "set" next year would never be due, and would seem unknown to everybody
//! who left.

use super::{Content, Item};
use crate::name::EnvironmentName;
use crate::time::Time;

impl Content {
    /// Returns the content with no time later than `written`, when its block was written. This is only for reading. Saved
    /// items keep their times, because a wrong clock on this device must not change them for everybody.
    #[must_use]
    pub fn as_of(mut self, environment: &EnvironmentName, written: Time) -> Self {
        self.items.values_mut().for_each(|item| item.cap(environment, written));
        self
    }
}

impl Item {
    /// Limits all times to when the block was written. A value that is to be replaced from a later day on is due now.
    pub(super) fn cap(&mut self, environment: &EnvironmentName, written: Time) {
        if self.created_at > written && self.id.is_none() {
            // The derived id depends on this time, so store it.
            self.id = Some(self.id(environment));
        }
        self.created_at = self.created_at.min(written);
        self.updated_at = self.updated_at.min(written);
        for version in std::iter::once(&mut self.current).chain(&mut self.history) {
            version.set_at = version.set_at.min(written);
            version.rotate_due = version.rotate_due.map(|due| due.min(written));
        }
    }
}
