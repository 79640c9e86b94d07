//! Removing an environment and everything in it.

use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::EnvironmentName;
use crate::roster::Change;
use crate::signature::Hash;
use crate::vault::{Agreed, KeyEdit, KeySession, Purpose, no_longer_as_shown};

/// A removal of an environment that was looked at, and that [`Agreed`] carries out.
#[derive(Debug)]
pub struct Removal {
    environment: EnvironmentName,
    items: Option<usize>,
    /// The block that was looked at.
    block: Option<Hash>,
}

impl Removal {
    /// Looks at what would be removed.
    ///
    /// # Errors
    /// A not-found error if there is no such environment; why the change is not allowed.
    pub fn of(session: &KeySession, name: &EnvironmentName) -> Result<Self> {
        let block = session.foresee_with_keys(&[attempt(name)], |edit| {
            let block = edit.hash_of(name);
            remove_from(edit, name)?;
            Ok(block)
        })?;
        // An environment that can't be read can still be removed.
        let items = match session.readable().contains(name) {
            true => session.open(&Purpose::for_action(Action::EnvRemove), name).ok().map(|unread| unread.count()),
            false => None,
        };
        Ok(Self { environment: name.clone(), items, block })
    }

    /// Returns how many items would be removed, or `None` if this user can't read the environment.
    #[must_use]
    pub fn items(&self) -> Option<usize> {
        self.items
    }
}

impl Agreed<Removal> {
    /// Removes the environment.
    ///
    /// # Errors
    /// If it was saved in the meantime; why the change is not allowed.
    pub fn save(self, session: &mut KeySession) -> Result<()> {
        let Removal { environment, block, .. } = self.change();
        let entry = attempt(&environment);
        session.edit_with_keys(std::slice::from_ref(&entry), |edit| {
            let now = edit.hash_of(&environment);
            remove_from(edit, &environment)?;
            if now != block {
                return Err(no_longer_as_shown(&environment, "removed"));
            }
            edit.log(entry.clone());
            Ok(())
        })
    }
}

fn attempt(name: &EnvironmentName) -> Entry {
    Entry::new(Action::EnvRemove).environment(name)
}

fn remove_from(edit: &mut KeyEdit<'_, '_>, name: &EnvironmentName) -> Result<()> {
    edit.change_roster(Change::RemoveEnvironment { environment: name.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::error::Reason;

    #[test]
    fn an_environment_is_removed_with_its_items() {
        let mut sandbox = Sandbox::with(&["prod/A=1", "prod/B=2"]);
        let prod = environment("prod");
        let removal = Removal::of(&sandbox.session, &prod).unwrap();
        assert_eq!(removal.items(), Some(2));
        Agreed::to(removal).save(&mut sandbox.session).unwrap();
        assert_eq!(sandbox.log().last().unwrap(), "env-remove prod ");
        let error = Removal::of(&sandbox.session, &prod).unwrap_err();
        assert_eq!(error.to_string(), "there is no environment \"prod\"");
        let error = Removal::of(&sandbox.session, &environment("dev")).unwrap_err();
        assert!(error.to_string().contains("last environment"), "a refused removal must not ask: {error}");
    }

    #[test]
    fn an_environment_that_was_saved_after_it_was_shown_stays() {
        let mut sandbox = Sandbox::with(&["prod/A=1"]);
        let removal = Removal::of(&sandbox.session, &environment("prod")).unwrap();
        sandbox.set("prod/A=2");
        let error = Agreed::to(removal).save(&mut sandbox.session).unwrap_err();
        assert_eq!(
            (error.reason(), error.to_string()),
            (Reason::Changed, "prod was changed in the meantime, so nothing was removed".to_owned())
        );
        assert_eq!(sandbox.names("prod"), ["A"]);
    }
}
