//! An import into an environment: what it refuses and takes, what it changes, the check that the change is still the one
//! that the user confirmed, and when the imported file may be deleted.

mod changes;
mod chosen;
mod deletion;
mod input;
mod plain_copy;
mod read;
#[cfg(test)]
mod tests;

pub use changes::Changes;
pub use chosen::{Choice, Chosen, Remark, Taken};
pub use deletion::Stays;
pub use input::Input;
pub use plain_copy::PlainCopy;
pub use read::{Reading, read};

use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::EnvironmentName;
use crate::vault::{Edit, Session, no_longer_as_shown};
use deletion::ReadBack;

/// An import into an environment.
pub struct Import {
    /// The destination.
    pub environment: EnvironmentName,
    /// The items to import.
    pub chosen: Chosen,
}

impl Import {
    /// Returns what would change. This is logged, because it shows which values are the same.
    ///
    /// # Errors
    /// As [`Import::save`].
    pub fn rehearse(&self, session: &Session) -> Result<Changes> {
        session.rehearse(&[self.attempt()], |edit| self.apply(edit, None))
    }

    /// Makes the change, if it is still the one that the user confirmed.
    ///
    /// # Errors
    /// If the environment was changed in the meantime, or can't be changed or saved.
    pub fn save(&self, session: &mut Session, agreed: Option<&Changes>) -> Result<Changes> {
        session.edit(&[self.attempt()], |edit| self.apply(edit, agreed))
    }

    /// Deletes the file that the items were read from, once the vault on disk has given all of them back.
    ///
    /// # Errors
    /// Why the file stays.
    pub fn delete_source(&self, session: &Session) -> Result<(), Stays> {
        ReadBack::new(&self.chosen, &self.environment, session).map_err(Stays::Failed)?.delete()
    }

    /// Returns whether [`Import::delete_source`] would delete the file after an import that makes these changes.
    ///
    /// # Errors
    /// Why the file would stay.
    pub fn check_deletable(&self, changes: &Changes) -> Result<(), Stays> {
        deletion::check(&self.chosen, changes.has_all_tags()).map(drop)
    }

    /// Returns the log entry. It has all names, because items with equal values are compared as well.
    fn attempt(&self) -> Entry {
        let names = self.chosen.items().iter().map(|taken| &taken.name);
        Entry::new(Action::Import).environment(&self.environment).items(names)
    }

    fn apply(&self, edit: &mut Edit<'_>, agreed: Option<&Changes>) -> Result<Changes> {
        edit.allow(self.chosen.allowed());
        let (now, user) = (edit.now(), edit.user());
        let changes = Changes::new(&self.chosen, edit.content(&self.environment)?);
        if agreed.is_some_and(|agreed| *agreed != changes) {
            return Err(no_longer_as_shown(&self.environment, "imported"));
        }
        if changes.writes() > 0 {
            self.chosen.put(edit.content_mut(&self.environment)?, &self.environment, user, now)?;
            edit.log(self.attempt());
        }
        Ok(changes)
    }
}
