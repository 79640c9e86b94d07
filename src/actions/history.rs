//! The versions of an item: when each value was set, by whom, and, if wanted, the values.
//!
//! - Gives values, after their log entry: `Found::read`

use super::Place;
use crate::error::Result;
use crate::item::Item;
use crate::log::Action;
use crate::vault::{Purpose, Session, Unread};

/// An item that was found. Its values are not read yet.
pub struct Found<'a> {
    session: &'a Session,
    purpose: Purpose,
    place: &'a Place,
    /// The item, alone in its environment.
    pub unread: Unread,
}

impl<'a> Found<'a> {
    /// Finds an item. A refusal is logged.
    ///
    /// # Errors
    /// The same as for [`Session::open`]; a not-found error if there is no such item.
    pub fn new(session: &'a Session, place: &'a Place) -> Result<Self> {
        let (environment, name) = place;
        let purpose = Purpose::for_action(Action::History).items([name]);
        let unread = session.open(&purpose, environment)?;
        unread.item(name)?;
        let unread = unread.only(|item| item.name() == name);
        Ok(Self { session, purpose, place, unread })
    }

    /// Reads the values of all versions, after their log entry.
    ///
    /// # Errors
    /// The same as for [`Session::read`].
    pub fn read(self) -> Result<Item> {
        let (environment, name) = self.place;
        let content = self.session.read(&self.purpose, self.unread)?;
        content.item(environment, name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, place};
    use crate::error::Reason;

    #[test]
    fn versions_are_shown_without_a_log_entry_and_values_with_one() {
        let sandbox = Sandbox::with(&["dev/A=1", "dev/A=2", "dev/B=3"]);
        let a = place("dev", "A");
        let found = Found::new(&sandbox.session, &a).unwrap();
        assert_eq!((found.unread.count(), found.unread.item(&a.1).unwrap().versions().count()), (1, 2));
        assert!(!sandbox.log().iter().any(|line| line.starts_with("history")), "nothing is read yet");
        let values: Vec<_> = found.read().unwrap().versions().map(|version| version.value.to_vec()).collect();
        assert_eq!(values, [b"2", b"1"]);
        assert_eq!(sandbox.log().last().unwrap(), "history dev A");
        assert_eq!(Found::new(&sandbox.session, &place("dev", "C")).err().unwrap().reason(), Reason::NoItem);
    }
}
