//! The variables through which the command reaches its items.

use super::environment::Items;
use super::variables::Variables;
use crate::error::Result;
use crate::item::{Deliver, Injectable};
use crate::name::EnvironmentName;
use std::borrow::Cow;

/// The items that a command gets as variables, or as files whose paths are in variables. Later items win.
pub struct Reach<'a> {
    items: &'a [(EnvironmentName, Vec<Injectable>)],
    variables: &'a Variables<'a>,
    /// The variables of env files.
    env_files: &'a [Injectable],
    /// The paths of the items that are delivered as files, in their order.
    paths: Vec<Box<str>>,
    /// Whether every item is the variable of its own name, and the items are sorted.
    are_plain: bool,
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
    /// `file` makes the file of an item that is delivered as one, and returns its path.
    pub(super) fn new(
        items: &'a [(EnvironmentName, Vec<Injectable>)],
        variables: &'a Variables<'_>,
        env_files: &'a [Injectable],
        are_plain: bool,
        file: &mut dyn FnMut(&Injectable) -> Result<String>,
    ) -> Result<Self> {
        let mut reach = Self { items, variables, env_files, paths: Vec::new(), are_plain };
        if !are_plain {
            for item in items.iter().flat_map(|(_, items)| items) {
                if item.deliver == Deliver::File && !reach.is_replaced(item) {
                    reach.paths.push(file(item)?.into_boxed_str());
                }
            }
        }
        Ok(reach)
    }

    /// Whether an env file has the variable with the path of this item's file.
    fn is_replaced(&self, item: &Injectable) -> bool {
        let variable = self.variables.name_of(item.outline());
        self.env_files.iter().any(|other| *other.name == *variable)
    }

    /// Returns the items of the vault, followed by the variables of env files, which win.
    pub fn iter(&self) -> impl Iterator<Item = Reached<'_>> {
        let mut paths = self.paths.iter();
        let items = self.items.iter().flat_map(|(_, items)| items).filter_map(move |item| {
            let is_file = item.deliver == Deliver::File;
            if is_file && self.is_replaced(item) {
                return None;
            }
            let path = if is_file { paths.next().map(|path| &**path) } else { None };
            Some(Reached { variable: self.variables.name_of(item.outline()), item, path })
        });
        let of_file = |item: &'a Injectable| Reached { variable: Cow::Borrowed(&*item.name), item, path: None };
        items.chain(self.env_files.iter().map(of_file))
    }

    /// Returns the variables for the command's environment. Thousands of plain items are not listed a second time.
    pub(super) fn variables(&self) -> Items<'_> {
        match self.items {
            [(_, items)] if self.are_plain => Items::Plain(items),
            _ => Items::Listed(self.iter().map(|item| (item.variable.clone(), item.text())).collect()),
        }
    }

    /// Returns the names that no inherited variable may have, because their items are delivered as files.
    pub(super) fn replaced(&self) -> impl Iterator<Item = &str> {
        // Without a file no item has to be looked at.
        let items = if self.paths.is_empty() { None } else { Some(self.iter()) };
        items.into_iter().flatten().filter(|item| item.path.is_some()).map(|item| item.item.name.as_str())
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
    fn a_file_is_made_for_an_item_that_is_delivered_as_one_unless_an_env_file_has_its_variable() {
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
    fn plain_items_are_the_same_variables_without_a_list() {
        let items = read(vec![item("A", Deliver::Variable), item("B", Deliver::Variable)]);
        let variables = Variables::new("", &[]).unwrap();
        let [plain, listed] = [true, false].map(|are_plain| {
            let reach = Reach::new(&items, &variables, &[], are_plain, &mut |_| Ok(String::new())).unwrap();
            let items = reach.variables();
            assert_eq!(matches!(items, Items::Plain(_)), are_plain);
            items.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect::<Vec<_>>()
        });
        assert_eq!(plain, listed);
    }
}
