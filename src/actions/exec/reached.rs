//! The variables through which the command reaches its items.
//!
//! - Gives parts of what was read: `Reach::iter`, `Reached::seen`, `Reached::text`
//! - Gives text without values: `Reached::variable`

use super::environment;
use super::variables::Variables;
use crate::error::Result;
use crate::item::{Deliver, Injectable};
use crate::name::EnvironmentName;
use std::borrow::Cow;

/// The items that a command gets as variables, or as files whose paths are in variables. Later items win.
pub struct Reach<'a> {
    items: Items<'a>,
    /// The variables of env files.
    env_files: &'a [Injectable],
}

/// The items of the vault.
enum Items<'a> {
    /// Each is the variable of its own name. Thousands of them are not listed a second time.
    Plain(&'a [(EnvironmentName, Vec<Injectable>)]),
    /// Those that reach the command.
    Listed(Vec<Listed<'a>>),
}

struct Listed<'a> {
    variable: Cow<'a, str>,
    item: &'a Injectable,
    /// The path of the item's file, if the item is delivered as one.
    path: Option<Box<str>>,
}

/// An item and its variable.
pub struct Reached<'a> {
    /// The variable.
    pub variable: Cow<'a, str>,
    item: &'a Injectable,
    /// The path of the item's file, if the item is delivered as one.
    path: Option<&'a str>,
}

impl<'a> Reach<'a> {
    /// `file` makes the file of an item that is delivered as one, and returns its path. With `are_plain`, every item is
    /// the variable of its own name, and the items are sorted.
    pub(super) fn new(
        items: &'a [(EnvironmentName, Vec<Injectable>)],
        variables: &'a Variables<'_>,
        env_files: &'a [Injectable],
        are_plain: bool,
        file: &mut dyn FnMut(&Injectable) -> Result<String>,
    ) -> Result<Self> {
        if are_plain {
            return Ok(Self { items: Items::Plain(items), env_files });
        }
        let mut listed = Vec::new();
        for item in items.iter().flat_map(|(_, items)| items) {
            let variable = variables.name_of(item.outline());
            let path = match item.deliver {
                // An env file has the variable with the path, so the command gets no file.
                Deliver::File if env_files.iter().any(|other| *other.name == *variable) => continue,
                Deliver::File => Some(file(item)?.into_boxed_str()),
                Deliver::Variable | Deliver::None => None,
            };
            listed.push(Listed { variable, item, path });
        }
        Ok(Self { items: Items::Listed(listed), env_files })
    }

    /// Returns the items of the vault, followed by the variables of env files, which win.
    pub fn iter(&self) -> impl Iterator<Item = Reached<'_>> {
        let (plain, listed) = match &self.items {
            Items::Plain(items) => (*items, &[][..]),
            Items::Listed(listed) => (&[][..], &listed[..]),
        };
        let named = |item: &'a Injectable| Reached { variable: Cow::Borrowed(&*item.name), item, path: None };
        let plain = plain.iter().flat_map(|(_, items)| items).map(named);
        let listed = listed.iter().map(|Listed { variable, item, path }| Reached {
            variable: Cow::Borrowed(variable),
            item,
            path: path.as_deref(),
        });
        plain.chain(listed).chain(self.env_files.iter().map(named))
    }

    /// Returns the variables for the command's environment.
    pub(super) fn variables(&self) -> environment::Items<'_> {
        match self.items {
            Items::Plain([(_, items)]) => environment::Items::Plain(items),
            _ => environment::Items::Listed(self.iter().map(|item| (item.variable.clone(), item.text())).collect()),
        }
    }

    /// Returns the names that no inherited variable may have, because their items are delivered as files.
    pub(super) fn replaced(&self) -> impl Iterator<Item = &str> {
        let listed = match &self.items {
            Items::Plain(_) => &[][..],
            Items::Listed(listed) => &listed[..],
        };
        listed.iter().filter(|listed| listed.path.is_some()).map(|listed| listed.item.name.as_str())
    }
}

impl<'a> Reached<'a> {
    /// Returns the text of the variable: the path of the file, or the value.
    #[must_use]
    pub fn text(&self) -> &'a [u8] {
        match self.path {
            Some(path) => path.as_bytes(),
            None => &self.item.value,
        }
    }

    /// Returns the item under the name that the command sees. For an item delivered as a file, that is its own name.
    #[must_use]
    pub fn seen(&self) -> Injectable {
        let name = if self.path.is_some() { self.item.name.clone() } else { (*self.variable).into() };
        Injectable { name, ..self.item.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;

    fn item(name: &str, deliver: Deliver) -> Injectable {
        Injectable { deliver, ..Injectable::new(name, SecretBytes::from("value")) }
    }

    fn read(items: Vec<Injectable>) -> [(EnvironmentName, Vec<Injectable>); 1] {
        [(EnvironmentName::new("dev").unwrap(), items)]
    }

    #[test]
    fn an_item_delivered_as_a_file_gets_one_unless_an_env_file_sets_its_variable() {
        let items = read(vec![item("A", Deliver::Variable), item("KEY", Deliver::File), item("CERT", Deliver::File)]);
        let env_files = [item("CERT_FILE", Deliver::Variable)];
        let (variables, mut made) = (Variables::new("", &[]).unwrap(), Vec::new());
        let mut file = |item: &Injectable| {
            made.push(item.name.to_string());
            Ok("/path".to_owned())
        };
        let reach = Reach::new(&items, &variables, &env_files, false, &mut file).unwrap();
        let seen: Vec<_> = reach.iter().map(|one| (one.variable.to_string(), one.text(), one.path.is_some())).collect();
        let expected: [(String, &[u8], bool); 3] =
            [("A".into(), b"value", false), ("KEY_FILE".into(), b"/path", true), ("CERT_FILE".into(), b"value", false)];
        assert_eq!((seen.as_slice(), made), (&expected[..], vec!["KEY".to_owned()]));
        assert_eq!(reach.replaced().collect::<Vec<_>>(), ["KEY"]);
        assert_eq!(reach.iter().nth(1).unwrap().seen().name.as_str(), "KEY");
    }

    #[test]
    fn plain_items_give_the_same_variables_without_a_list() {
        let items = read(vec![item("A", Deliver::Variable), item("B", Deliver::Variable)]);
        let variables = Variables::new("", &[]).unwrap();
        let [plain, listed] = [true, false].map(|are_plain| {
            let reach = Reach::new(&items, &variables, &[], are_plain, &mut |_| Ok(String::new())).unwrap();
            let items = reach.variables();
            assert_eq!(matches!(items, environment::Items::Plain(_)), are_plain);
            items.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect::<Vec<_>>()
        });
        assert_eq!(plain, listed);
    }
}
