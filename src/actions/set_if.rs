//! Setting an item on a condition, for callers that have read the item before.

use super::Expected;
use super::set::{Change, Set};
use crate::error::Result;
use crate::item::Outline;
use crate::log::{Action, Entry};
use crate::vault::Session;

impl Set<'_> {
    /// Sets one item if it is as expected. Returns what `show` makes of the item afterwards.
    ///
    /// # Errors
    /// As [`Set::save`], and in the order of [`Expected`].
    pub fn save_if<T>(
        &self,
        session: &mut Session,
        change: &Change,
        expected: Expected<'_>,
        show: impl FnOnce(Outline<'_>) -> T,
    ) -> Result<T> {
        let place = &change.place;
        let (environment, name) = place;
        let entry = Entry::new(Action::Set).environment(environment).items([name]);
        let item = session.edit(std::slice::from_ref(&entry), |edit| {
            expected.then(edit, place, |edit| {
                self.store(edit, change)?;
                edit.check_variables()
            })?;
            edit.log(entry.clone());
            Ok(edit.content(environment)?.item(environment, name)?.clone())
        })?;
        // Its version number shows whether the value is the one that the item had, so the entry comes first.
        Ok(show(item.outline()))
    }
}
