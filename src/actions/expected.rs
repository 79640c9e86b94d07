//! What a caller that has read an item expects of it when it changes the item, and in which order that and the change
//! itself are refused.
//!
//! - Gives text without values: `Expected::Item::id`

use super::Place;
use crate::error::{Error, Reason, Result};
use crate::item::Outline;
use crate::name::NamedItem;
use crate::vault::Edit;

/// What a caller expects of an item that it changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Expected<'a> {
    /// Nothing: the item is changed as it is now.
    #[default]
    Anything,
    /// There is no item of this name.
    NoItem,
    /// There is an item of this name.
    Item {
        /// The id that it has: another item of the same name is refused. `None` means any item.
        id: Option<&'a str>,
        /// The number that its current version has. `None` means any version.
        version: Option<u32>,
    },
}

impl Expected<'_> {
    /// Makes a change in an edit, if the item is as expected. A refusal undoes the change, because the edit is made as a
    /// whole or not at all.
    ///
    /// # Errors
    /// In this order:
    /// 1. [`Reason::Exists`] if there is an item where none is expected, and [`Reason::NoItem`] if there is none, or
    ///    another one.
    /// 2. What `change` refuses. Reading the item again wouldn't help, so the caller learns it whatever version it names.
    /// 3. [`Reason::Changed`] if the item has another version.
    pub(super) fn then<T>(
        self,
        edit: &mut Edit<'_>,
        place: &Place,
        change: impl FnOnce(&mut Edit<'_>) -> Result<T>,
    ) -> Result<T> {
        let (environment, name) = place;
        let now = self.version_of(edit.item(environment, name)?, place)?;
        let changed = change(edit)?;
        match (self, now) {
            (Self::Item { version: Some(version), .. }, Some(now)) if version != now => {
                let what = format!("{name} has version {now} now, not {version}: nothing was changed");
                Err(Error::new(Reason::Changed, what).hint("read it again, then decide"))
            }
            _ => Ok(changed),
        }
    }

    /// Checks that there is an item only if one is expected, and the right one. Returns the number of its version.
    fn version_of(self, item: Option<Outline<'_>>, place: &Place) -> Result<Option<u32>> {
        let named = NamedItem::from(place);
        let is_expected = |item: &Outline<'_>| match self {
            Self::Item { id: Some(id), .. } => item.id(&place.0) == id,
            Self::Item { id: None, .. } | Self::Anything | Self::NoItem => true,
        };
        match (self, item.filter(is_expected)) {
            (Self::NoItem, Some(_)) => Err(Error::new(Reason::Exists, format!("the item {named} already exists"))
                .hint("choose another name, or update that item")),
            (Self::Item { .. }, None) => Err(Error::new(Reason::NoItem, format!("the item {named} no longer exists"))
                .hint("read the items again, then decide")),
            (_, item) => Ok(item.map(|item| item.current().number())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::rm::Removal;
    use crate::actions::rollback::roll_back_if;
    use crate::actions::rotate::renew_if;
    use crate::actions::set::{Change, Set};
    use crate::actions::testing::{Sandbox, place, value};
    use crate::dangerous::AllowedOnce;
    use crate::item::Description;
    use crate::vault::Agreed;

    fn at_version(version: u32) -> Expected<'static> {
        Expected::Item { id: None, version: Some(version) }
    }

    fn set(sandbox: &mut Sandbox, name: &str, text: &str, expected: Expected<'_>) -> Result<u32> {
        let (description, allowed) = (Description::default(), AllowedOnce::default());
        let set = Set { changes: Vec::new(), description: &description, allowed: &allowed, may_be_empty: true };
        let change = Change { value: Some(value(text)), ..place("dev", name).into() };
        set.save_if(&mut sandbox.session, &change, expected, |item| item.current().number())
    }

    /// Makes each conditional change of dev/A, the removal last. Returns the reasons why they were refused.
    fn refusals(sandbox: &mut Sandbox, expected: Expected<'_>) -> [Option<Reason>; 4] {
        let place = place("dev", "A");
        let results = [
            set(sandbox, "A", "set", expected).map(drop),
            renew_if(&mut sandbox.session, &place, &value("renewed"), expected).map(drop),
            roll_back_if(&mut sandbox.session, &place, None, expected).map(drop),
            Removal::of(&sandbox.session, &[place], expected)
                .and_then(|removal| Agreed::to(removal).save(&mut sandbox.session)),
        ];
        results.map(|result| result.err().map(|error| error.reason()))
    }

    #[test]
    fn every_conditional_change_has_the_same_conditions() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/A=2"]);
        let id = sandbox.item(&place("dev", "A")).id(&place("dev", "A").0);
        let item = |id, version| Expected::Item { id: Some(id), version };
        assert_eq!(refusals(&mut sandbox, Expected::NoItem), [Some(Reason::Exists); 4]);
        assert_eq!(refusals(&mut sandbox, item("another", Some(2))), [Some(Reason::NoItem); 4]);
        assert_eq!(refusals(&mut sandbox, item(&id, Some(1))), [Some(Reason::Changed); 4]);
        assert_eq!(refusals(&mut sandbox, at_version(3)), [Some(Reason::Changed); 4]);
        assert_eq!(&*sandbox.item(&place("dev", "A")).current.value, b"2", "a refused change is not made");
        assert_eq!(refusals(&mut sandbox, item(&id, None)), [None; 4]);
        assert_eq!(refusals(&mut sandbox, item(&id, None)), [Some(Reason::NoItem); 4], "the item was removed");
        assert_eq!(set(&mut sandbox, "A", "1", Expected::NoItem).unwrap(), 1);
        assert_eq!(set(&mut sandbox, "A", "2", at_version(1)).unwrap(), 2);
        assert_eq!(refusals(&mut sandbox, Expected::Anything), [None; 4]);
    }

    #[test]
    fn what_could_never_be_changed_is_refused_before_a_version_and_after_a_missing_item() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/A=2"]);
        let large = "x".repeat(crate::item::MAX_VALUE + 1);
        let mut reason =
            |name: &str, text: &str, expected| set(&mut sandbox, name, text, expected).unwrap_err().reason();
        assert_eq!(reason("A", &large, at_version(1)), Reason::TooLarge);
        assert_eq!(reason("A", "fine", at_version(1)), Reason::Changed);
        assert_eq!(reason("LD_PRELOAD", &large, at_version(1)), Reason::NoItem, "there is none to change");
        assert_eq!(reason("A", &large, Expected::NoItem), Reason::Exists, "it must not be changed");
        let refused = roll_back_if(&mut sandbox.session, &place("dev", "A"), Some(9), at_version(1)).unwrap_err();
        assert_eq!(refused.reason(), Reason::NoVersion);
    }
}
