//! Removing items with their earlier values: all of them or none.

use super::{Expected, Place, Seen, entries};
use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::NamedItem;
use crate::vault::{Agreed, Edit, Session, no_longer_as_shown};

/// A removal of items that was looked at, and that [`Agreed`] carries out.
#[derive(Debug)]
pub struct Removal {
    items: Vec<Seen>,
}

impl Removal {
    /// Looks at what would be removed. Each item must be as expected.
    ///
    /// # Errors
    /// If one of the items may not be removed or does not exist, in the order of [`Expected`].
    pub fn of(session: &Session, places: &[Place], expected: Expected<'_>) -> Result<Self> {
        let items = session.foresee(&attempt(places), |edit| {
            let see = |place: &Place| expected.then(edit, place, |edit| remove_from(edit, place));
            places.iter().map(see).collect()
        })?;
        Ok(Self { items })
    }

    /// Returns the items that would be removed.
    #[must_use]
    pub fn items(&self) -> &[Seen] {
        &self.items
    }
}

impl Agreed<Removal> {
    /// Removes the items.
    ///
    /// # Errors
    /// If one of them is another one now, or has another value, or may not be removed. Then none is removed.
    pub fn save(self, session: &mut Session) -> Result<()> {
        let items = self.change().items;
        let entries = attempt(items.iter().map(|seen| &seen.place));
        session.edit(&entries, |edit| {
            for seen in &items {
                if remove_from(edit, &seen.place)? != *seen {
                    return Err(no_longer_as_shown(NamedItem::from(&seen.place), "removed"));
                }
            }
            entries.iter().for_each(|entry| edit.log(entry.clone()));
            Ok(())
        })
    }
}

fn attempt<'a>(places: impl IntoIterator<Item = &'a Place>) -> Vec<Entry> {
    entries(Action::Remove, places)
}

fn remove_from(edit: &mut Edit<'_>, place: &Place) -> Result<Seen> {
    let (environment, name) = place;
    let item = edit.content_for(environment, name)?.remove(environment, name)?;
    Ok(Seen::new(place, item.outline()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment, place, remove};
    use crate::actions::user_add::Rights;
    use crate::error::Reason;

    #[test]
    fn all_items_are_removed_or_none() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/B=2", "prod/A=3"]);
        let some = [place("dev", "A"), place("prod", "MISSING")];
        let error = Removal::of(&sandbox.session, &some, Expected::Anything).unwrap_err();
        assert_eq!(error.to_string(), "there is no item prod/MISSING");
        let all = [place("dev", "A"), place("prod", "A"), place("dev", "B")];
        let removal = Removal::of(&sandbox.session, &all, Expected::Anything).unwrap();
        remove(&mut sandbox.session, &all[1..2]);
        let error = Agreed::to(removal).save(&mut sandbox.session).unwrap_err();
        assert_eq!(error.to_string(), "there is no item prod/A");
        assert_eq!(sandbox.names("dev"), ["A", "B"]);
        remove(&mut sandbox.session, &[place("dev", "A"), place("dev", "B")]);
        assert_eq!((sandbox.names("dev").len(), sandbox.names("prod").len()), (0, 0));
        assert_eq!(sandbox.log().last().unwrap(), "remove dev A,B");
    }

    #[test]
    fn only_what_was_shown_is_removed() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/A=2", "dev/B=1"]);
        let places = [place("dev", "A"), place("dev", "B")];
        let removal = Removal::of(&sandbox.session, &places, Expected::Anything).unwrap();
        let shown: Vec<_> = removal.items().iter().map(|seen| (seen.place.1.as_str(), seen.earlier)).collect();
        assert_eq!(shown, [("A", 1), ("B", 0)]);
        sandbox.set("dev/B=2");
        let error = Agreed::to(removal).save(&mut sandbox.session).unwrap_err();
        assert_eq!(error.reason(), Reason::Changed);
        assert_eq!(sandbox.names("dev"), ["A", "B"], "somebody may want to keep the new value");
    }

    #[test]
    fn nobody_is_asked_about_a_removal_that_is_refused() {
        let mut sandbox = Sandbox::with(&["dev/A=1"]);
        let dev = [environment("dev")];
        let ben = sandbox.add_user("ben", &Rights { read: &dev, ..Rights::default() });
        let error = Removal::of(&ben, &[place("dev", "A")], Expected::Anything).unwrap_err();
        assert_eq!(error.reason(), Reason::NoRight);
        assert_eq!(crate::actions::testing::log_of(&ben), ["remove dev A"], "the refusal is logged");
    }
}
