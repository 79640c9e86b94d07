//! Moving and copying an item: to another name, another environment, or both.

use super::{Place, Seen};
use crate::dangerous::AllowedOnce;
use crate::error::{Error, Reason, Remedy, Result};
use crate::item::Item;
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, ItemName, NamedItem};
use crate::vault::{Agreed, Edit, Session, Vault, no_longer_as_shown};

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

    fn done(self) -> &'static str {
        match self {
            Self::Move => "moved",
            Self::Copy => "copied",
        }
    }
}

/// An item to move or copy.
#[derive(Debug, Clone, Copy)]
pub struct Relocation<'a> {
    /// The source.
    pub from: &'a Place,
    /// The destination.
    pub to: &'a Place,
    /// Whether the item is moved or copied.
    pub way: Way,
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

/// A relocation that may replace the value of an item at the destination. It was looked at, and [`Agreed`] carries it out.
#[derive(Debug)]
pub struct Replacement<'a> {
    relocation: Relocation<'a>,
    items: Items,
}

/// The items at both ends.
#[derive(Debug, PartialEq, Eq)]
struct Items {
    moved: Seen,
    replaced: Option<Seen>,
}

impl Replacement<'_> {
    /// Returns the item at the destination, whose value would become an earlier one; `None` if there is none.
    #[must_use]
    pub fn replaced(&self) -> Option<&Seen> {
        self.items.replaced.as_ref()
    }
}

impl<'a> Relocation<'a> {
    /// Moves or copies the item to a place where there is none.
    ///
    /// # Errors
    /// If source and destination are the same, if the destination is taken, or if the new name may not be used.
    pub fn save(&self, session: &mut Session) -> Result<()> {
        self.check_different()?;
        session.edit(&self.entries(), |edit| self.make_and_log(edit, false).map(drop))
    }

    /// Looks at what it replaces to move or copy the item.
    ///
    /// # Errors
    /// If source and destination are the same, or if the new name may not be used.
    pub fn replacing(self, session: &Session) -> Result<Replacement<'a>> {
        self.check_different()?;
        let items = session.foresee(&self.entries(), |edit| self.make(edit, true))?;
        Ok(Replacement { relocation: self, items })
    }

    fn check_different(&self) -> Result<()> {
        if self.from != self.to {
            return Ok(());
        }
        let item = NamedItem::from(self.from);
        Err(Error::new(Reason::SamePlace, format!("source and destination are the same: {item}"))
            .hint("choose another environment or another name as the destination"))
    }

    fn make_and_log(&self, edit: &mut Edit<'_>, replaces: bool) -> Result<Items> {
        let items = self.make(edit, replaces)?;
        self.entries().into_iter().for_each(|entry| edit.log(entry));
        Ok(items)
    }

    fn make(&self, edit: &mut Edit<'_>, replaces: bool) -> Result<Items> {
        let Self { from, .. } = self;
        edit.allow(self.allowed);
        let item = match self.way {
            Way::Move => edit.content_mut(&from.0)?.remove(&from.0, &from.1)?,
            Way::Copy => edit.content(&from.0)?.item(&from.0, &from.1)?.clone(),
        };
        let moved = Seen::new(from, item.outline());
        Ok(Items { moved, replaced: self.put(edit, item, replaces)? })
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
    fn put(&self, edit: &mut Edit<'_>, mut item: Item, replaces: bool) -> Result<Option<Seen>> {
        let Self { from, to, way, .. } = self;
        let (now, user) = (edit.now(), edit.user());
        let content = edit.content_mut(&to.0)?;
        let replaced = content.items().get(&to.1).map(|item| Seen::new(to, item.outline()));
        if replaced.is_some() && !replaces {
            return Err(exists(to).hint((Remedy::Replace, " makes the value a new version of it")));
        }
        if *way == Way::Copy && from.0 == to.0 {
            // Only one item can have the variable.
            item.metadata.variable = None;
        }
        match replaced.is_some() || *way == Way::Copy {
            true => drop(content.set_copy(&to.1, &item, user, now)?),
            false => content.insert(item, &to.1, user, now)?,
        }
        Ok(replaced)
    }
}

impl Agreed<Replacement<'_>> {
    /// Moves or copies the item. A value at the destination becomes an earlier one.
    ///
    /// # Errors
    /// If one of the items is another one now, or has another value; as for [`Relocation::replacing`].
    pub fn save(self, session: &mut Session) -> Result<()> {
        let Replacement { relocation, items } = self.change();
        session.edit(&relocation.entries(), |edit| match relocation.make_and_log(edit, true)? {
            now if now == items => Ok(()),
            now => {
                let changed = if now.moved == items.moved { relocation.to } else { relocation.from };
                Err(no_longer_as_shown(NamedItem::from(changed), relocation.way.done()))
            }
        })
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
        let relocation = Relocation { from: &from, to: &to, way, allowed: &allowed };
        match replaces {
            true => Agreed::to(relocation.replacing(&sandbox.session)?).save(&mut sandbox.session),
            false => relocation.save(&mut sandbox.session),
        }
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
    fn only_the_value_that_was_shown_is_replaced() {
        let mut sandbox = Sandbox::with(&["dev/A=1", "prod/A=2"]);
        let (from, to, new, none) = (place("dev", "A"), place("prod", "A"), place("prod", "B"), AllowedOnce::default());
        let relocation = |to| Relocation { from: &from, to, way: Way::Copy, allowed: &none };
        let replacement = relocation(&to).replacing(&sandbox.session).unwrap();
        assert_eq!(replacement.replaced().map(|seen| (&seen.place, seen.earlier)), Some((&to, 0)));
        sandbox.set("prod/A=3");
        let error = Agreed::to(replacement).save(&mut sandbox.session).unwrap_err();
        assert_eq!(error.reason(), Reason::Changed);
        let addition = relocation(&new).replacing(&sandbox.session).unwrap();
        assert_eq!(addition.replaced(), None);
        sandbox.set("prod/B=4");
        let error = Agreed::to(addition).save(&mut sandbox.session).unwrap_err();
        assert_eq!(error.reason(), Reason::Changed);
        assert_eq!((&*sandbox.item(&to).current.value, &*sandbox.item(&new).current.value), (&b"3"[..], &b"4"[..]));
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
            let relocation = Relocation { from: &from, to: &to, way, allowed: &allowed };
            relocation.save(&mut sandbox.session).unwrap();
        }
    }
}
