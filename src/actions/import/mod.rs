//! An import into an environment: what it takes, what it changes, and the check that the change is still the one that
//! the user confirmed.

mod changes;
mod chosen;

pub use changes::Changes;
pub use chosen::{Choice, Chosen, Remark, Taken};

use crate::error::{Error, Result};
use crate::log::{Action, Entry};
use crate::name::EnvironmentName;
use crate::vault::{Edit, Purpose, Session};

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

    /// Reads the imported items back from the file on disk, and compares them.
    ///
    /// # Errors
    /// An integrity error if any of them is missing or differs.
    pub fn check_saved(&self, session: &Session) -> Result<()> {
        let names = || self.chosen.items().iter().map(|taken| &taken.name);
        let purpose = Purpose::for_action(Action::Import).note("read back").items(names());
        let saved = session.open(&purpose, &self.environment)?.only(|item| names().any(|name| name == item.name()));
        let saved = session.read(&purpose, saved)?;
        for Taken { name, value, .. } in self.chosen.items() {
            if saved.items().get(name).is_none_or(|item| item.current.value != *value) {
                return Err(Error::integrity("the vault does not give back what was imported; the file stays"));
            }
        }
        Ok(())
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
            return Err(Error::failed(format!(
                "{} was changed in the meantime, so nothing was imported",
                self.environment
            ))
            .hint("import again, and look at what it would change now"));
        }
        if changes.writes() > 0 {
            self.chosen.put(edit.content_mut(&self.environment)?, &self.environment, user, now)?;
            edit.log(self.attempt());
        }
        Ok(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::dangerous::AllowedOnce;
    use crate::format::Source;
    use crate::format::import::{Options, read};

    fn import(text: &str) -> Import {
        let imported = read(Source::Dotenv, text.as_bytes(), &Options::default()).unwrap();
        let choice = Choice { kind: None, takes_empty: false, allowed: &AllowedOnce::default() };
        Import { environment: environment("dev"), chosen: Chosen::new(imported, choice) }
    }

    #[test]
    fn an_import_makes_the_confirmed_change_or_none() {
        let mut sandbox = Sandbox::with(&["dev/A=1"]);
        let (ours, theirs) = (import("A=2\nB=3\n"), import("B=4\n"));
        let agreed = ours.rehearse(&sandbox.session).unwrap();
        assert_eq!((agreed.to_string().as_str(), agreed.writes()), ("1 added, 1 changed, 0 the same", 2));
        theirs.save(&mut sandbox.session, None).unwrap();
        let error = ours.save(&mut sandbox.session, Some(&agreed)).unwrap_err();
        assert_eq!(error.to_string(), "dev was changed in the meantime, so nothing was imported");
        assert!(ours.check_saved(&sandbox.session).is_err());
        ours.save(&mut sandbox.session, None).unwrap();
        ours.check_saved(&sandbox.session).unwrap();
        assert_eq!(ours.save(&mut sandbox.session, None).unwrap().writes(), 0, "everything must be stored already");
    }
}
