//! Setting an item on a condition, for callers that have read the item before.

use super::Check;
use super::set::{Change, Set};
use crate::error::{Reason, Result};
use crate::item::Outline;
use crate::log::{Action, Entry};
use crate::vault::Session;

impl Set<'_> {
    /// Sets one item if `check` accepts its current state. Returns what `show` makes of the item afterwards.
    ///
    /// # Errors
    /// As [`Set::save`], and the error of `check`. If somebody changed the item in the meantime ([`Reason::Changed`]), the
    /// errors of a change that could never be made come first.
    pub fn save_if<T>(
        &self,
        session: &mut Session,
        change: &Change,
        check: Check<'_>,
        show: impl FnOnce(Outline<'_>) -> T,
    ) -> Result<T> {
        let (environment, name) = (&change.environment, &change.name);
        let entry = Entry::new(Action::Set).environment(environment).items([name]);
        let item = session.edit(std::slice::from_ref(&entry), |edit| {
            let checked = check(edit.item(environment, name)?);
            if checked.as_ref().err().is_none_or(|error| error.reason() == Reason::Changed) {
                self.store(edit, change)?;
                edit.check_variables()?;
            }
            checked?;
            edit.log(entry.clone());
            Ok(edit.content(environment)?.item(environment, name)?.clone())
        })?;
        // Its version number shows whether the value is the one that the item had, so the entry comes first.
        Ok(show(item.outline()))
    }
}
