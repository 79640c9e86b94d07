//! Times that can't be: a value set next year would never be due, and nobody who left would have known it.

use super::{Content, Item};
use crate::name::EnvironmentName;
use crate::time::Time;

impl Content {
    /// The content with nothing in it later than when its block was written. It is for looking at: what is saved again keeps
    /// its times, because a clock that is wrong here must not change them for all.
    #[must_use]
    pub fn as_of(mut self, environment: &EnvironmentName, written: Time) -> Self {
        self.items.values_mut().for_each(|item| item.cap(environment, written));
        self
    }
}

impl Item {
    /// Takes what is said to have happened after the block was written as of then; a value that is to be replaced from some
    /// later day on is to be replaced now.
    pub(super) fn cap(&mut self, environment: &EnvironmentName, written: Time) {
        if self.created_at > written && self.id.is_none() {
            // The id was made of this time, and stays.
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
