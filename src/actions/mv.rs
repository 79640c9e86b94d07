//! Moving and copying an item: to another name, another environment, or both.

use super::Place;
use crate::dangerous::AllowedOnce;
use crate::error::{Error, Reason, Remedy, Result};
use crate::item::Item;
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, ItemName, NamedItem};
use crate::vault::{Edit, Session, Vault};

/// Whether the item is moved or copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The item moves, with its history.
    Move,
    /// The item stays, and the copy starts its own history.
    Copy,
}

impl Way {
    fn action(self) -> Action {
        match self {
            Self::Move => Action::Move,
            Self::Copy => Action::Copy,
        }
    }
}

/// An item to move or copy.
#[derive(Debug)]
pub struct Relocation<'a> {
    /// The source.
    pub from: &'a Place,
    /// The destination.
    pub to: &'a Place,
    /// Whether the item is moved or copied.
    pub way: Way,
    /// Whether an existing item at the destination gets the value as a new version.
    pub replaces: bool,
    /// The dangerous names that may be used.
    pub allowed: &'a AllowedOnce,
}

/// Returns the place that a text names as the destination of an item: `NAME`, which is in the same environment,
/// `ENV/NAME`, or `ENV/`, where the item keeps its name.
///
/// # Errors
/// A usage error for a wrong name, or for an environment without a slash; a not-found error if there is no such
/// environment.
pub fn destination(text: &str, from: &Place, vault: &Vault) -> Result<Place> {
    let typed = NamedItem::split(text);
    if typed.environment.is_none() && vault.environments().any(|name| name.as_str() == text) {
        let item = NamedItem::within(&from.0, text);
        return Err(Error::usage(format!("{text} is an environment; without a slash it would name an item"))
            .hint(format!("into the environment: {text}/; to an item of that name: {item}")));
    }
    let environment = match typed.environment {
        Some(name) => EnvironmentName::new(name)?,
        None => from.0.clone(),
    };
    let name = match typed.name {
        "" if typed.environment.is_some() => from.1.clone(),
        name => ItemName::new(name)?,
    };
    vault.roster().state().environment(&environment)?;
    Ok((environment, name))
}

impl Relocation<'_> {
    /// Moves or copies the item.
    ///
    /// # Errors
    /// If source and destination are the same, if the destination is taken, or if the new name may not be used.
    pub fn save(&self, session: &mut Session) -> Result<()> {
        let Self { from, to, .. } = self;
        if from == to {
            let item = NamedItem::from(*from);
            return Err(Error::new(Reason::SamePlace, format!("source and destination are the same: {item}"))
                .hint("choose another environment or another name as the destination"));
        }
        let entries = self.entries();
        session.edit(&entries, |edit| {
            edit.allow(self.allowed);
            let item = match self.way {
                Way::Move => edit.content_mut(&from.0)?.remove(&from.0, &from.1)?,
                Way::Copy => edit.content(&from.0)?.item(&from.0, &from.1)?.clone(),
            };
            self.put(edit, item)?;
            entries.iter().for_each(|entry| edit.log(entry.clone()));
            Ok(())
        })
    }

    /// Returns the log entries. They have both names, so that a search for either finds them.
    fn entries(&self) -> Vec<Entry> {
        let Self { from, to, way, .. } = self;
        let entry = |place: &Place| Entry::new(way.action()).environment(&place.0);
        if to.0 == from.0 {
            return vec![entry(from).items([&from.1, &to.1])];
        }
        [from, to].map(|place| entry(place).items([&place.1])).to_vec()
    }

    /// Stores the item at the destination. A moved item keeps its history, and a copied one starts its own. If the
    /// destination is taken, the value becomes a new version there. A mark as due for replacement goes along with the
    /// value.
    fn put(&self, edit: &mut Edit<'_>, mut item: Item) -> Result<()> {
        let Self { from, to, way, .. } = self;
        let (now, user) = (edit.now(), edit.user());
        let content = edit.content_mut(&to.0)?;
        let is_taken = content.items().contains_key(&to.1);
        if is_taken && !self.replaces {
            return Err(exists(to).hint((Remedy::Replace, " makes the value a new version of it")));
        }
        if *way == Way::Copy && from.0 == to.0 {
            // Only one item can have the variable.
            item.metadata.variable = None;
        }
        if is_taken || *way == Way::Copy {
            return content.set_copy(&to.1, &item, user, now).map(|_| ());
        }
        content.insert(item, &to.1, user, now)
    }
}

fn exists(place: &Place) -> Error {
    let item = NamedItem::from(place);
    Error::new(Reason::Exists, format!("{item} already exists"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::set::Set;
    use crate::actions::testing::{Sandbox, place};
    use crate::item::{Description, Setting};

    fn relocate(sandbox: &mut Sandbox, way: Way, to: (&str, &str), replaces: bool) -> Result<()> {
        let (from, to) = (place("dev", "A"), place(to.0, to.1));
        let allowed = AllowedOnce::default();
        Relocation { from: &from, to: &to, way, replaces, allowed: &allowed }.save(&mut sandbox.session)
    }

    #[test]
    fn a_move_keeps_the_history_and_a_copy_starts_a_new_one() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "dev/A=2"]);
        relocate(&mut sandbox, Way::Copy, ("prod", "A"), false).unwrap();
        assert_eq!(sandbox.item(&place("prod", "A")).history.len(), 0);
        relocate(&mut sandbox, Way::Move, ("dev", "B"), false).unwrap();
        assert_eq!(sandbox.item(&place("dev", "B")).history.len(), 1);
        assert_eq!(sandbox.names("dev"), ["B"]);
        let log = sandbox.log();
        let log: Vec<_> = log.iter().filter(|line| !line.starts_with("get")).collect();
        assert_eq!(log[log.len() - 3..], ["copy dev A", "copy prod A", "move dev A,B"]);
    }

    #[test]
    fn a_destination_keeps_the_part_that_it_does_not_name() {
        let sandbox = Sandbox::new();
        let to = |text: &str| destination(text, &place("dev", "A"), sandbox.session.vault());
        assert_eq!(to("B").unwrap(), place("dev", "B"));
        assert_eq!(to("prod/").unwrap(), place("prod", "A"));
        assert_eq!(to("prod/B").unwrap(), place("prod", "B"));
        assert_eq!(to("dev/prod").unwrap(), place("dev", "prod"));
        let error = |text: &str| to(text).unwrap_err().to_string();
        assert_eq!(error("prod"), "prod is an environment; without a slash it would name an item");
        assert_eq!(error("staging/B"), "there is no environment \"staging\"");
        assert!(error("").starts_with("this is not a valid item name"));
        assert!(error("/B").starts_with("\"\" is not a valid name for an environment"));
    }

    #[test]
    fn existing_items_are_not_replaced_and_dangerous_names_are_refused() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "prod/A=2"]);
        let mut error = |way, to| relocate(&mut sandbox, way, to, false).unwrap_err().to_string();
        assert_eq!(error(Way::Copy, ("prod", "A")), "prod/A already exists");
        assert_eq!(error(Way::Move, ("dev", "A")), "source and destination are the same: dev/A");
        assert_eq!(error(Way::Copy, ("dev", "LD_PRELOAD")), "LD_PRELOAD can make a program load code");
        relocate(&mut sandbox, Way::Copy, ("prod", "A"), true).unwrap();
        let item = sandbox.item(&place("prod", "A"));
        assert_eq!((item.current.number, &*item.current.value), (2, &b"1"[..]));
    }

    #[test]
    fn a_dangerous_variable_name_is_moved_only_if_allowed() {
        for way in [Way::Copy, Way::Move] {
            let mut sandbox = Sandbox::with(&["dev/A=1"]);
            let allowed = AllowedOnce::new(["LD_PRELOAD".to_owned()]);
            let description =
                Description { variable: Setting::Set("LD_PRELOAD".parse().unwrap()), ..Description::default() };
            let set = Set {
                changes: vec![place("dev", "A").into()],
                description: &description,
                allowed: &allowed,
                may_be_empty: false,
            };
            set.save(&mut sandbox.session).unwrap();
            let error = relocate(&mut sandbox, way, ("prod", "A"), false).unwrap_err();
            assert_eq!(error.to_string(), "LD_PRELOAD can make a program load code");
            let entries = [way.action().word()].map(|word| [format!("{word} dev A"), format!("{word} prod A")]);
            assert!(sandbox.log().ends_with(&entries[0]), "{:?}", sandbox.log());
            assert_eq!(sandbox.names("prod"), [""; 0]);
            let (from, to) = (place("dev", "A"), place("prod", "A"));
            let relocation = Relocation { from: &from, to: &to, way, replaces: false, allowed: &allowed };
            relocation.save(&mut sandbox.session).unwrap();
        }
    }
}
