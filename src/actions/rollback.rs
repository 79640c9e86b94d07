//! Rolling back: an earlier value becomes the current one again, as a new version.

use super::{Expected, Place};
use crate::error::{Error, Reason, Result};
use crate::log::{Action, Entry};
use crate::name::NamedItem;
use crate::vault::{Edit, Session};

/// The result of a rollback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The version that had the value.
    pub from: u32,
    /// The new version.
    pub to: u32,
    /// Whether somebody who lost access knows the value, so that it is due for replacement.
    pub is_known: bool,
}

/// Makes the value of this version, or of the previous one, the current value. An expiry belongs to the value it was
/// set for, so the new version has none.
///
/// # Errors
/// A not-found error if there is no such item or version.
pub fn roll_back(session: &mut Session, place: &Place, version: Option<u32>) -> Result<Done> {
    roll_back_if(session, place, version, Expected::Anything)
}

/// Rolls back an item if it is as expected.
///
/// # Errors
/// As [`roll_back`], and in the order of [`Expected`].
pub fn roll_back_if(
    session: &mut Session,
    place: &Place,
    version: Option<u32>,
    expected: Expected<'_>,
) -> Result<Done> {
    let (environment, name) = place;
    let entry = Entry::new(Action::Rollback).environment(environment).items([name]);
    session.edit(std::slice::from_ref(&entry), |edit| {
        let done = expected.then(edit, place, |edit| put_back(edit, place, version))?;
        edit.log(entry.clone());
        Ok(done)
    })
}

fn put_back(edit: &mut Edit<'_>, place: &Place, version: Option<u32>) -> Result<Done> {
    let (environment, name) = place;
    let (now, user) = (edit.now(), edit.user());
    let content = edit.content_for(environment, name)?;
    let item = content.item(environment, name)?;
    let earlier = match (version, item.history.first()) {
        (Some(number), _) => item.version(number)?,
        (None, Some(newest)) => newest,
        (None, None) => {
            let named = NamedItem::from(place);
            return Err(Error::new(Reason::NoVersion, format!("{named} has no earlier value")));
        }
    };
    let (from, value, metadata) = (earlier.number, earlier.value.clone(), item.metadata.for_new_value());
    let to = content.set(name, value, &metadata, user, now)?;
    let is_known = content.item(environment, name)?.current.rotate_due.is_some();
    Ok(Done { from, to, is_known })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, place};

    #[test]
    fn a_rollback_saves_the_earlier_value_as_a_new_version_and_keeps_the_current_one() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/A=2", "dev/B=1"]);
        let a = place("dev", "A");
        let done = roll_back(&mut sandbox.session, &a, None).unwrap();
        assert_eq!(done, Done { from: 1, to: 3, is_known: false });
        let item = sandbox.item(&place("dev", "A"));
        assert_eq!((&*item.current.value, &*item.history[0].value), (&b"1"[..], &b"2"[..]));
        assert_eq!(roll_back(&mut sandbox.session, &a, Some(2)).unwrap().to, 4);
        let error = roll_back(&mut sandbox.session, &place("dev", "B"), None).unwrap_err();
        assert_eq!((error.reason(), error.to_string()), (Reason::NoVersion, "dev/B has no earlier value".to_owned()));
    }
}
