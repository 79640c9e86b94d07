//! The variable of an item: its new name if it is renamed, or else the prefix followed by the variable stored with the
//! item or by the item's name.
//!
//! - Gives text without values: `Variables::name_of`

use crate::actions::selection::missing;
use crate::error::{Error, Remedy, Result};
use crate::item::{InjectableOutline, clashes};
use crate::name::{EnvironmentName, NamedItem, is_variable_name, quoted};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How the variables of items are named.
pub struct Variables<'a> {
    prefix: &'a str,
    renamed: BTreeMap<&'a str, &'a str>,
}

impl<'a> Variables<'a> {
    /// Makes the naming. Variables begin with `prefix`, except those of renamed items: `(item, variable)`.
    ///
    /// # Errors
    /// A usage error if an item is renamed twice, or if no variable can begin with the prefix.
    pub fn new(prefix: &'a str, renamings: &'a [(String, String)]) -> Result<Self> {
        let mut renamed = BTreeMap::new();
        for (item, variable) in renamings {
            if renamed.insert(item.as_str(), variable.as_str()).is_some() {
                return Err(Error::usage(format!("{} is renamed twice", quoted(item))));
            }
        }
        if !prefix.is_empty() && !is_variable_name(prefix) {
            return Err(Error::usage(format!("no variable can begin with {}", quoted(prefix)))
                .hint("a prefix is made of letters, digits and _, and doesn't start with a digit: APP_"));
        }
        Ok(Self { prefix, renamed })
    }

    /// Returns the variable that an item becomes, or that holds the path of its file.
    #[must_use]
    pub fn name_of<'n>(&'n self, item: InjectableOutline<'n>) -> Cow<'n, str> {
        if self.are_own_names() {
            return if item.is_plain() { Cow::Borrowed(item.name()) } else { item.variable() };
        }
        match self.renamed.get(item.name()) {
            Some(new) => Cow::Borrowed(new),
            None if self.prefix.is_empty() => item.variable(),
            None => Cow::Owned(format!("{}{}", self.prefix, item.variable())),
        }
    }

    /// Returns whether every item keeps its own variable: nothing is renamed or prefixed.
    #[must_use]
    pub(crate) fn are_own_names(&self) -> bool {
        self.renamed.is_empty() && self.prefix.is_empty()
    }

    /// Returns whether the item is renamed.
    #[must_use]
    pub(crate) fn is_renamed(&self, item: &str) -> bool {
        self.renamed.contains_key(item)
    }

    /// Refuses a renaming whose item is not among these.
    ///
    /// # Errors
    /// A not-found error that names the item.
    pub(crate) fn check_renamed<'i>(&self, items: impl Iterator<Item = &'i str>) -> Result<()> {
        if self.renamed.is_empty() {
            return Ok(());
        }
        let mut absent: Vec<&str> = self.renamed.keys().copied().collect();
        for item in items {
            absent.retain(|old| *old != item);
        }
        match absent.first() {
            None => Ok(()),
            Some(old) => Err(missing(old, "to rename")),
        }
    }

    /// Refuses two items of an environment that would become the same variable: which value the program got would be
    /// chance.
    ///
    /// # Errors
    /// A usage error that names both items.
    pub(crate) fn check_apart<'i, I: Iterator<Item = InjectableOutline<'i>>>(
        &self,
        environment: &EnvironmentName,
        items: impl Fn() -> I,
    ) -> Result<()> {
        if self.renamed.is_empty() && items().all(|item| item.is_plain()) {
            return Ok(());
        }
        match clashes(items().map(|item| (item.name(), Cow::Owned(self.name_of(item).into_owned())))).first() {
            None => Ok(()),
            Some(clash) => {
                let [_, second] = &clash.items;
                let chosen = Remedy::SetVariable(NamedItem::within(environment, second).to_string());
                let hint = ("leave one out: ", Remedy::LeaveOut(second.clone()), "; for good: ", chosen);
                Err(clash.error(environment).hint(hint))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Injectable;
    use crate::secret::SecretBytes;

    #[test]
    fn a_renamed_item_gets_no_prefix_and_all_others_do() {
        let renamed = [("URL".to_owned(), "DATABASE_URL".to_owned())];
        let variables = Variables::new("APP_", &renamed).unwrap();
        let name = |item: &str| variables.name_of(Injectable::new(item, SecretBytes::default()).outline()).into_owned();
        assert_eq!((name("URL"), name("TOKEN")), ("DATABASE_URL".to_owned(), "APP_TOKEN".to_owned()));
        assert!(variables.is_renamed("URL") && !variables.is_renamed("TOKEN"));
    }

    #[test]
    fn invalid_and_missing_names_are_refused() {
        let error = |prefix: &str, renamed: &[(String, String)]| {
            let made = Variables::new(prefix, renamed).and_then(|made| made.check_renamed(["TOKEN"].into_iter()));
            made.map_err(|error| error.to_string()).err()
        };
        let renamed = |item: &str| (item.to_owned(), "NEW".to_owned());
        assert_eq!(error("1_", &[]).unwrap(), "no variable can begin with \"1_\"");
        assert_eq!(error("", &[renamed("TOKEN"), renamed("TOKEN")]).unwrap(), "\"TOKEN\" is renamed twice");
        assert_eq!(error("", &[renamed("OTHER")]).unwrap(), "there is no item \"OTHER\" to rename");
        assert_eq!(error("APP_", &[renamed("TOKEN")]), None);
    }

    #[test]
    fn two_items_of_an_environment_cannot_become_one_variable() {
        let renamed = [("A".to_owned(), "B".to_owned())];
        let items = ["A", "B"].map(|name| Injectable::new(name, SecretBytes::default()));
        let dev = EnvironmentName::new("dev").unwrap();
        let check = |variables: &Variables<'_>| variables.check_apart(&dev, || items.iter().map(Injectable::outline));
        let error = check(&Variables::new("", &renamed).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "dev/A and dev/B would both be the variable B");
        assert_eq!(check(&Variables::new("", &[]).unwrap()), Ok(()));
    }
}
