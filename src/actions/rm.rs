//! Removing items with their earlier values: all of them or none.

use super::{Expected, Place, entries};
use crate::error::Result;
use crate::log::{Action, Entry};
use crate::vault::{Edit, Purpose, Session};

/// Refuses items that do not exist, before vault asks for confirmation.
///
/// # Errors
/// A not-found error; or as [`Session::open`].
pub fn check(session: &Session, places: &[Place]) -> Result<()> {
    for (environment, name) in places {
        session.open(&Purpose::for_action(Action::Remove).items([name]), environment)?.item(name)?;
    }
    Ok(())
}

/// Removes the items.
///
/// # Errors
/// If one of them does not exist or may not be changed. Then none is removed.
pub fn remove(session: &mut Session, places: &[Place]) -> Result<()> {
    let entries = entries(Action::Remove, places.iter().map(|(environment, name)| (environment, name)));
    session.edit(&entries, |edit| {
        places.iter().try_for_each(|place| remove_from(edit, place))?;
        entries.iter().for_each(|entry| edit.log(entry.clone()));
        Ok(())
    })
}

/// Removes an item if it is as expected.
///
/// # Errors
/// As [`remove`], and in the order of [`Expected`].
pub fn remove_if(session: &mut Session, place: &Place, expected: Expected<'_>) -> Result<()> {
    let (environment, name) = place;
    let entry = Entry::new(Action::Remove).environment(environment).items([name]);
    session.edit(std::slice::from_ref(&entry), |edit| {
        expected.then(edit, (environment, name), |edit| remove_from(edit, place))?;
        edit.log(entry.clone());
        Ok(())
    })
}

fn remove_from(edit: &mut Edit<'_>, (environment, name): &Place) -> Result<()> {
    edit.content_for(environment, name)?.remove(environment, name).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, place};

    #[test]
    fn all_items_are_removed_or_none() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/B=2", "prod/A=3"]);
        let some = [place("dev", "A"), place("prod", "MISSING")];
        assert_eq!(check(&sandbox.session, &some).unwrap_err().to_string(), "there is no item prod/MISSING");
        assert!(remove(&mut sandbox.session, &some).is_err());
        assert_eq!((sandbox.names("dev"), sandbox.names("prod")), (vec!["A".into(), "B".into()], vec!["A".into()]));
        remove(&mut sandbox.session, &[place("dev", "A"), place("prod", "A"), place("dev", "B")]).unwrap();
        assert_eq!((sandbox.names("dev").len(), sandbox.names("prod").len()), (0, 0));
        let log = sandbox.log();
        assert_eq!(log[log.len() - 2..], ["remove dev A,B", "remove prod A"]);
    }
}
