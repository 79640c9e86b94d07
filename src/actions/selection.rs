//! Selects items by names and patterns.

use crate::error::{Error, Remedy, Result};
use crate::name::{Pattern, quoted};
use std::cell::RefCell;

/// The items that were selected.
pub struct Selection {
    only: Vec<Pattern>,
    except: Vec<Pattern>,
    /// The names that no item had so far, with what should be done to the item.
    unseen: RefCell<Vec<(&'static str, String)>>,
}

/// Parses a name or a pattern. An empty name is a mistake, so it gets an error of its own.
fn pattern(text: &str) -> Result<Pattern> {
    if text.is_empty() {
        return Err(Error::usage("the name of an item is empty")
            .hint("give a name or a pattern, for example AWS_*; an unset variable may have left it empty"));
    }
    Pattern::exact(text)
}

impl Selection {
    /// Selects the items that match one of `only` (or all, if there is none), except those that match one of `except`.
    ///
    /// # Errors
    /// A usage error for a text that is neither a name nor a pattern.
    pub fn new(only: &[String], except: &[String]) -> Result<Self> {
        let mut unseen = Vec::new();
        let mut patterns = |what: &'static str, texts: &[String]| {
            let patterns = texts.iter().map(|text| pattern(text)).collect::<Result<Vec<_>>>()?;
            unseen.extend(patterns.iter().filter_map(Pattern::name).map(|name| (what, name.to_owned())));
            Ok(patterns)
        };
        let (only, except) = (patterns("to choose", only)?, patterns("to leave out", except)?);
        Ok(Self { only, except, unseen: unseen.into() })
    }

    /// Returns whether every item is selected, whatever its name.
    #[must_use]
    pub(crate) fn takes_all(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }

    /// Returns whether an item of this name is selected. Ask this for every item, unless all are.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        let mut unseen = self.unseen.borrow_mut();
        if !unseen.is_empty() {
            unseen.retain(|(_, wanted)| wanted != name);
        }
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(name));
        (self.only.is_empty() || any(&self.only)) && !any(&self.except)
    }

    /// Returns whether the item is selected by its exact name, not by a pattern.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.only.iter().any(|pattern| pattern.name() == Some(name))
    }

    /// Refuses a name that no item has, after every item was asked about. A typo must not run a program without its
    /// secret, nor with one that it should not have.
    ///
    /// # Errors
    /// A not-found error that names it.
    pub fn check_names(&self) -> Result<()> {
        match self.unseen.borrow().first() {
            None => Ok(()),
            Some((what, name)) => Err(missing(name, what)),
        }
    }
}

/// The error for a name that no item has.
pub(super) fn missing(name: &str, what: &str) -> Error {
    Error::not_found(format!("there is no item {} {what}", quoted(name))).hint((Remedy::ListItems, " shows the names"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(only: &[&str], except: &[&str]) -> Selection {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Selection::new(&owned(only), &owned(except)).unwrap()
    }

    #[test]
    fn patterns_select_items_and_exceptions_override_them() {
        let chosen = selection(&["AWS_*", "PORT"], &["AWS_REGION"]);
        assert!(chosen.takes("AWS_KEY") && chosen.takes("PORT"));
        assert!(!chosen.takes("AWS_REGION") && !chosen.takes("OTHER"));
    }

    #[test]
    fn a_literal_name_must_exist_and_a_pattern_need_not() {
        let checked = |only: &[&str], except: &[&str]| {
            let chosen = selection(only, except);
            let taken = ["A", "B"].into_iter().filter(|name| chosen.takes(name)).count();
            (taken, chosen.check_names().map_err(|error| error.to_string()).err())
        };
        assert_eq!(checked(&["A", "X_*"], &["Y_*"]), (1, None));
        assert_eq!(checked(&["A"], &["A"]), (0, None));
        assert_eq!(checked(&["A", "C"], &[]).1.unwrap(), "there is no item \"C\" to choose");
        assert_eq!(checked(&[], &["C"]).1.unwrap(), "there is no item \"C\" to leave out");
    }

    #[test]
    fn an_empty_name_is_a_usage_error() {
        let error = Selection::new(&[String::new()], &[]).err().unwrap();
        let expected = ("the name of an item is empty", crate::error::Kind::Usage);
        assert_eq!((error.to_string().as_str(), error.kind()), expected);
    }
}
