//! The variables through which the command reaches its items.

use super::variables::Variables;
use crate::error::Result;
use crate::item::{Deliver, Injectable};
use std::borrow::Cow;

/// An item and its variable.
pub struct Reached<'a> {
    /// The variable.
    pub variable: Cow<'a, str>,
    item: &'a Injectable,
    /// The path of the item's file, if the item is delivered as one.
    path: Option<Box<str>>,
}

impl<'a> Reached<'a> {
    /// Returns the text of the variable: the path of the file, or the value.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        match &self.path {
            Some(path) => path.as_bytes(),
            None => &self.item.value,
        }
    }

    /// Returns the name that no inherited variable may have, because the item is delivered as a file.
    #[must_use]
    pub fn replaced(&self) -> Option<&'a str> {
        self.path.as_ref().map(|_| self.item.name.as_str())
    }

    /// Returns the item under the name that the command sees. For an item delivered as a file, that is its own name.
    #[must_use]
    pub fn seen(&self) -> Injectable {
        let name = if self.path.is_some() { self.item.name.clone() } else { (*self.variable).into() };
        Injectable { name, ..self.item.clone() }
    }
}

/// Returns the items of a vault, followed by the variables of env files, which win. `file` makes the file of an item
/// that is delivered as one, and returns its path.
pub(super) fn reach<'a>(
    items: impl Iterator<Item = &'a Injectable>,
    variables: &'a Variables<'_>,
    env_files: &'a [Injectable],
    file: &mut dyn FnMut(&Injectable) -> Result<String>,
) -> Result<Vec<Reached<'a>>> {
    let mut reached = Vec::with_capacity(items.size_hint().0 + env_files.len());
    for item in items {
        let (variable, mut path) = (variables.name_of(item.outline()), None);
        if item.deliver == Deliver::File {
            if env_files.iter().any(|other| *other.name == *variable) {
                continue;
            }
            path = Some(file(item)?.into_boxed_str());
        }
        reached.push(Reached { variable, item, path });
    }
    let others = env_files.iter();
    reached.extend(others.map(|item| Reached { variable: Cow::Borrowed(&*item.name), item, path: None }));
    Ok(reached)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;

    #[test]
    fn a_file_is_made_for_an_item_that_is_delivered_as_one_unless_an_env_file_has_its_variable() {
        let item = |name: &str, deliver| Injectable { deliver, ..Injectable::new(name, SecretBytes::from("value")) };
        let items = [item("A", Deliver::Variable), item("KEY", Deliver::File), item("CERT", Deliver::File)];
        let env_files = [item("CERT_FILE", Deliver::Variable)];
        let (variables, mut made) = (Variables::new("", &[]).unwrap(), Vec::new());
        let mut file = |item: &Injectable| {
            made.push(item.name.to_string());
            Ok("/path".to_owned())
        };
        let reached = reach(items.iter(), &variables, &env_files, &mut file).unwrap();
        let seen: Vec<_> = reached.iter().map(|one| (&*one.variable, one.text(), one.replaced())).collect();
        let expected: [(&str, &[u8], Option<&str>); 3] =
            [("A", b"value", None), ("KEY_FILE", b"/path", Some("KEY")), ("CERT_FILE", b"value", None)];
        assert_eq!((seen.as_slice(), made), (&expected[..], vec!["KEY".to_owned()]));
        assert_eq!(reached[1].seen().name.as_str(), "KEY");
    }
}
