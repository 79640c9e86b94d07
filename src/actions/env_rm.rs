//! Removing an environment and everything in it.

use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::EnvironmentName;
use crate::roster::Change;
use crate::vault::{KeySession, Purpose, Session};

/// Returns how many items would be removed, or `None` if this user can't read the environment.
///
/// # Errors
/// A not-found error if there is no such environment.
pub fn count(session: &Session, name: &EnvironmentName) -> Result<Option<usize>> {
    session.vault().roster().state().environment(name)?;
    if !session.readable().contains(name) {
        return Ok(None);
    }
    // An environment that can't be read can still be removed.
    Ok(session.open(&Purpose::for_action(Action::EnvRemove), name).ok().map(|unread| unread.count()))
}

/// Returns whether this user may remove the environment. Otherwise [`remove`] refuses, and nobody has to be asked first.
#[must_use]
pub fn is_allowed(session: &Session, name: &EnvironmentName) -> bool {
    session.vault().roster().state().check_removal(session.user(), name).is_ok()
}

/// Removes an environment.
///
/// # Errors
/// Why the change is not allowed.
pub fn remove(session: &mut KeySession, name: &EnvironmentName) -> Result<()> {
    let entry = Entry::new(Action::EnvRemove).environment(name);
    session.edit_with_keys(std::slice::from_ref(&entry), |edit| {
        edit.change_roster(Change::RemoveEnvironment { environment: name.clone() })?;
        edit.log(entry.clone());
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};

    #[test]
    fn an_environment_is_removed_with_its_items() {
        let mut sandbox = Sandbox::with(&["prod/A=1", "prod/B=2"]);
        let prod = environment("prod");
        assert_eq!(count(&sandbox.session, &prod), Ok(Some(2)));
        remove(&mut sandbox.session, &prod).unwrap();
        assert_eq!(sandbox.log().last().unwrap(), "env-remove prod ");
        let error = count(&sandbox.session, &prod).unwrap_err();
        assert_eq!(error.to_string(), "there is no environment \"prod\"");
        assert!(remove(&mut sandbox.session, &prod).is_err());
        let dev = environment("dev");
        assert!(!is_allowed(&sandbox.session, &dev), "a refused removal must not ask");
        assert!(remove(&mut sandbox.session, &dev).unwrap_err().to_string().contains("last environment"));
    }
}
