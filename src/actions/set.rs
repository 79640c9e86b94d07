//! Setting values and descriptions of items: what is refused, what becomes a new version, and what stays.
//!
//! - Gives what comes from no vault: `Change::value`

use super::{LeftOut, Place, Stored, entries};
use crate::dangerous::AllowedOnce;
use crate::error::{Error, Reason, Remedy, Result};
use crate::item::{Description, Outline, is_nothing};
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, NamedItem};
use crate::secret::SecretBytes;
use crate::vault::{Edit, Purpose, Session};
use std::collections::BTreeSet;

/// One item to set.
#[derive(Debug, Clone)]
pub struct Change {
    /// Where the item is.
    pub place: Place,
    /// The new value; `None` keeps the current one.
    pub value: Option<SecretBytes>,
}

/// Items to set, all of them or none.
#[derive(Debug, Clone)]
pub struct Set<'a> {
    /// The items to set.
    pub changes: Vec<Change>,
    /// The description that each item gets.
    pub description: &'a Description,
    /// The dangerous names that may be used.
    pub allowed: &'a AllowedOnce,
    /// Whether a value may be empty. An empty value mostly means that a variable was not set, or that the command
    /// before a pipe failed.
    pub may_be_empty: bool,
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The item is new.
    New,
    /// The item has a new value, in the version of this number.
    Version(u32),
    /// The value is the one that the item had: there is no new version, and the expiry stays.
    SameValue,
}

/// An item that was set.
#[derive(Debug)]
pub struct Done {
    /// The item.
    pub item: Stored,
    /// What happened to the item.
    pub outcome: Outcome,
    /// Whether the item has a new value that is empty.
    pub is_empty: bool,
}

impl Set<'_> {
    /// Refuses what can be refused before vault asks for a value. If that takes reading metadata and ends in a refusal,
    /// the refusal is logged.
    ///
    /// # Errors
    /// If an item is given twice, if a protected environment is not confirmed, or if a name may not be used.
    pub fn check(&self, session: &Session) -> Result<()> {
        self.check_once()?;
        for Change { place: (environment, _), .. } in &self.changes {
            session.confirm(environment, || self.entry(environment))?;
        }
        for Change { place: (environment, name), .. } in &self.changes {
            let allowed = session.vault().allowed(self.allowed);
            // Most names are harmless, and then nothing has to be read.
            if self.description.variable().is_some() || !allowed.allows(environment, name.as_str()) {
                let purpose = Purpose::for_action(Action::Set).items([name]);
                let unread = session.open(&purpose, environment)?;
                let before = unread.get(name);
                let described = self.description.apply(before.as_ref().map(Outline::metadata), false);
                allowed
                    .check(environment, name, (before.as_ref().map(Outline::metadata), &described))
                    .map_err(|error| session.log_refused_use(&purpose, environment, error))?;
            }
        }
        self.check_values()
    }

    /// Returns the log entry for an environment, with the names of all items that are set there.
    fn entry(&self, environment: &EnvironmentName) -> Entry {
        let here = self.changes.iter().filter(|change| change.place.0 == *environment);
        Entry::new(Action::Set).environment(environment).items(here.map(|change| &change.place.1))
    }

    /// Sets the items.
    ///
    /// # Errors
    /// As [`Set::check`]; also if a value or description is too large, or the vault can't be saved.
    pub fn save(&self, session: &mut Session) -> Result<Vec<Done>> {
        self.check_once()?;
        self.check_values()?;
        let entries = entries(Action::Set, self.changes.iter().map(|change| &change.place));
        session.edit(&entries, |edit| {
            let done = self.changes.iter().map(|change| self.store(edit, change)).collect::<Result<Vec<_>>>()?;
            entries.iter().for_each(|entry| edit.log(entry.clone()));
            Ok(done)
        })
    }

    /// Returns whether an item needs no value, because it exists and the description is what changes.
    ///
    /// # Errors
    /// The same as for [`exists`].
    pub fn only_describes(&self, session: &Session, change: &Change) -> Result<bool> {
        let may = !self.description.is_empty() && !self.may_be_empty;
        Ok(may && exists(session, &change.place)?)
    }

    /// Returns whether a value is refused because it is empty.
    #[must_use]
    pub fn refuses(&self, value: &[u8]) -> bool {
        !self.may_be_empty && is_nothing(value)
    }

    fn check_once(&self) -> Result<()> {
        let mut seen = BTreeSet::new();
        for Change { place, .. } in &self.changes {
            if !seen.insert(place) {
                let item = NamedItem::from(place);
                return Err(Error::usage(format!("{item} is given twice")));
            }
        }
        // Only one item can have the variable.
        match self.description.variable() {
            Some(variable) if self.changes.len() > 1 => {
                Err(Error::usage(format!("several items can't all be the variable {variable}"))
                    .hint("set one item at a time"))
            }
            _ => Ok(()),
        }
    }

    fn check_values(&self) -> Result<()> {
        for Change { place, value } in &self.changes {
            if value.as_ref().is_some_and(|value| self.refuses(value)) {
                let named = NamedItem::from(place).to_string();
                return Err(Error::new(Reason::EmptyValue, format!("the value of {named} is empty")).hint((
                    "the variable that it came from may not be set; for an empty value: ",
                    Remedy::SetToEmpty(named),
                )));
            }
        }
        Ok(())
    }

    /// Sets one item as part of a larger change, which does its own checks and logging.
    ///
    /// # Errors
    /// If the user may not write the environment, or a value or description is too large.
    pub(super) fn store(&self, edit: &mut Edit<'_>, change: &Change) -> Result<Done> {
        let Change { place: (environment, name), value } = change;
        edit.allow(self.allowed);
        let (now, user, allowed) = (edit.now(), edit.user(), edit.vault().allowed(self.allowed));
        let content = edit.content_for(environment, name)?;
        let before = content.items().get(name);
        // An unchanged value makes no new version and keeps its expiry.
        let value = value.as_ref().filter(|value| before.is_none_or(|item| item.current.value != **value));
        let described = self.description.apply(before.map(|item| &item.metadata), value.is_some());
        let is_new = before.is_none();
        match value {
            Some(value) => {
                content.set(name, value.clone(), &described, user, now)?;
            }
            None => content.describe(environment, name, described, user, now)?,
        }
        let item = content.item(environment, name)?;
        let outcome = match (is_new, value) {
            (true, _) => Outcome::New,
            (false, Some(_)) => Outcome::Version(item.current.number),
            (false, None) => Outcome::SameValue,
        };
        let mut stored = Stored::new(environment, item, allowed);
        let is_chosen = is_new || self.description.says_delivery();
        let is_reported = |left_out: &LeftOut| (value.is_some() || is_chosen) && left_out.is_news(is_chosen);
        stored.left_out = stored.left_out.filter(is_reported);
        Ok(Done { item: stored, outcome, is_empty: value.is_some_and(|value| value.is_empty()) })
    }
}

/// Returns whether there is an item at this place. A refusal is logged.
///
/// # Errors
/// As [`Session::open`].
pub fn exists(session: &Session, (environment, name): &Place) -> Result<bool> {
    let purpose = Purpose::for_action(Action::Set).items([name]);
    Ok(session.open(&purpose, environment)?.get(name).is_some())
}

impl From<Place> for Change {
    fn from(place: Place) -> Self {
        Self { place, value: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, place, value};
    use crate::error::Reason;
    use crate::item::{Deliver, Kind, MAX_VALUE, Setting};
    use crate::time::Time;

    fn set(sandbox: &mut Sandbox, name: &str, text: &str, description: &Description) -> Result<Vec<Done>> {
        let changes = vec![Change { value: Some(value(text)), ..Change::from(place("dev", name)) }];
        let allowed = AllowedOnce::default();
        Set { changes, description, allowed: &allowed, may_be_empty: false }.save(&mut sandbox.session)
    }

    #[test]
    fn a_new_value_makes_an_item_then_a_version_and_an_equal_value_makes_none() {
        let mut sandbox = Sandbox::new();
        let later = Time::parse("2099-01-01T00:00:00Z").unwrap();
        let expiring = Description { expires: Setting::Set(later), ..Description::default() };
        let mut outcome = |text: &str, description: &Description| {
            let done = set(&mut sandbox, "TOKEN", text, description).unwrap().remove(0);
            (done.outcome, done.item.metadata.expires_at)
        };
        let none = Description::default();
        assert_eq!(outcome("a", &expiring), (Outcome::New, Some(later)));
        assert_eq!(outcome("a", &none), (Outcome::SameValue, Some(later)), "an equal value must keep the expiry");
        assert_eq!(outcome("b", &none), (Outcome::Version(2), None), "a new value must have no expiry");
    }

    #[test]
    fn a_new_item_is_a_secret_and_keeps_its_kind() {
        let mut sandbox = Sandbox::new();
        let none = Description::default();
        let kind = |done: Vec<Done>| done[0].item.metadata.kind;
        assert_eq!(kind(set(&mut sandbox, "PORT", "1", &none).unwrap()), Kind::Secret);
        let variable = Description { kind: Some(Kind::Variable), ..Description::default() };
        assert_eq!(kind(set(&mut sandbox, "PORT", "2", &variable).unwrap()), Kind::Variable);
        assert_eq!(kind(set(&mut sandbox, "PORT", "3", &none).unwrap()), Kind::Variable);
    }

    #[test]
    fn a_dangerous_name_is_refused_wherever_the_value_comes_from() {
        let mut sandbox = Sandbox::new();
        let none = Description::default();
        let refused = |error: Error| (error.reason(), error.to_string());
        let expected = (Reason::DangerousName, "LD_PRELOAD can make a program load code".to_owned());
        assert_eq!(refused(set(&mut sandbox, "LD_PRELOAD", "x", &none).unwrap_err()), expected);
        let as_it = Description { variable: Setting::Set("LD_PRELOAD".parse().unwrap()), ..Description::default() };
        assert_eq!(refused(set(&mut sandbox, "HARMLESS", "x", &as_it).unwrap_err()), expected);
        let kept_back = Description { deliver: Some(Deliver::None), ..Description::default() };
        assert!(set(&mut sandbox, "LD_PRELOAD", "x", &kept_back).is_ok(), "no program gets this item");
        let given_again = Description { deliver: Some(Deliver::Variable), ..Description::default() };
        assert_eq!(refused(set(&mut sandbox, "LD_PRELOAD", "x", &given_again).unwrap_err()), expected);
    }

    #[test]
    fn a_refused_change_changes_nothing() {
        let mut sandbox = Sandbox::new();
        let (none, allowed) = (Description::default(), AllowedOnce::default());
        let change = |name: &str, text: &str| Change { value: Some(value(text)), ..place("dev", name).into() };
        let mut error = |changes: Vec<Change>, description: &Description| {
            let set = Set { changes, description, allowed: &allowed, may_be_empty: false };
            set.save(&mut sandbox.session).unwrap_err().to_string()
        };
        assert_eq!(error(vec![change("A", "x"), change("A", "y")], &none), "dev/A is given twice");
        assert_eq!(error(vec![change("A", "x"), change("B", "\n")], &none), "the value of dev/B is empty");
        let large = "x".repeat(MAX_VALUE + 1);
        assert_eq!(error(vec![change("A", "x"), change("B", &large)], &none), "the value of B is larger than 1024 KiB");
        let one = Description { variable: Setting::Set("VAR".parse().unwrap()), ..Description::default() };
        let several = "several items can't all be the variable VAR";
        assert_eq!(error(vec![change("A", "x"), change("B", "y")], &one), several);
        assert_eq!(sandbox.names("dev"), [""; 0]);
    }

    #[test]
    fn an_item_that_no_program_can_get_is_reported_once_when_set() {
        let mut sandbox = Sandbox::new();
        let none = Description::default();
        let mut reason = |name: &str, text: &str| {
            let done = set(&mut sandbox, name, text, &none).unwrap().remove(0);
            done.item.left_out.map(|left_out| left_out.why.to_string())
        };
        assert_eq!(reason("FINE", "x"), None);
        assert_eq!(reason("no.variable", "x").unwrap(), "is not a variable name");
        assert_eq!(reason("no.variable", "y"), None, "it was reported already");
        let nul = "contains a NUL byte, which a variable can't have";
        assert_eq!(
            (reason("BYTES", "a\0").unwrap(), reason("BYTES", "b\0").unwrap()),
            (nul.to_owned(), nul.to_owned())
        );
    }
}
