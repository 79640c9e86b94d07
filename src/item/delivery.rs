//! The ways in which an item reaches a program: as a variable, as a file whose path is in a variable, or not at all.

use super::{Content, Item};
use crate::error::{Error, Remedy};
use crate::name::{EnvironmentName, VariableName, is_variable_name};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;

/// How `exec` gives an item to a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deliver {
    /// A variable holds the value.
    #[default]
    Variable,
    /// A variable holds the path of a file that exists only in memory.
    File,
    /// A program gets the item only if the user asks for it by name.
    None,
}

impl Deliver {
    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::File => "file",
            Self::None => "none",
        }
    }
}

impl std::fmt::Display for Deliver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Returns the default variable of an item: its name or, for the path of a file, the name with `_FILE`. The result may
/// not be a valid variable name.
#[must_use]
pub fn usual_variable(item: &str, deliver: Deliver) -> Cow<'_, str> {
    match deliver {
        Deliver::Variable | Deliver::None => Cow::Borrowed(item),
        Deliver::File => Cow::Owned(format!("{item}_FILE")),
    }
}

/// Returns the variable that holds an item's value, or the path of its file.
#[must_use]
pub fn variable<'a>(item: &'a str, deliver: Deliver, chosen: Option<&'a VariableName>) -> Cow<'a, str> {
    chosen.map_or_else(|| usual_variable(item, deliver), |chosen| Cow::Borrowed(chosen.as_str()))
}

/// Returns the variable for an item's value itself, for example in an export. The path of a file has a different
/// variable.
#[must_use]
pub fn value_variable<'a>(item: &'a str, deliver: Deliver, chosen: Option<&'a VariableName>) -> &'a str {
    chosen.filter(|_| deliver != Deliver::File).map_or(item, VariableName::as_str)
}

/// Whether an item that is delivered as a file has no valid variable for the path.
pub(super) fn lacks_variable(item: &str, deliver: Deliver, is_chosen: bool) -> bool {
    deliver == Deliver::File && !is_chosen && !is_variable_name(&usual_variable(item, deliver))
}

/// Two items with the same variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The names of the items.
    pub items: [String; 2],
    /// The variable.
    pub variable: String,
}

impl Clash {
    /// Returns the error, with a hint how to fix it.
    #[must_use]
    pub fn error(&self, environment: &EnvironmentName) -> Error {
        let Self { items: [first, second], variable } = self;
        Error::usage(format!("{environment}/{first} and {environment}/{second} would both be the variable {variable}"))
            .hint(("give one of them another variable: ", Remedy::SetVariable(format!("{environment}/{second}"))))
    }
}

/// Returns the items that share a variable, so that a program could get only one of them. `items` are names with
/// variables.
pub fn clashes<'a>(items: impl Iterator<Item = (&'a str, Cow<'a, str>)>) -> Vec<Clash> {
    let mut owners: HashMap<Cow<'a, str>, &'a str> = HashMap::new();
    let mut clashes = Vec::new();
    for (item, variable) in items {
        if let Some(other) = owners.get(&variable) {
            clashes.push(Clash { items: [(*other).to_owned(), item.to_owned()], variable: variable.into_owned() });
        } else {
            owners.insert(variable, item);
        }
    }
    clashes
}

impl Content {
    /// Returns the items that share a variable, so that a program could get only one of them.
    #[must_use]
    pub fn clashes(&self) -> Vec<Clash> {
        let is_plain = |item: &Item| item.metadata.deliver != Deliver::File && item.metadata.variable.is_none();
        if self.items().values().all(is_plain) {
            return Vec::new();
        }
        let given = self.items().values().filter(|item| item.metadata.deliver != Deliver::None).map(Item::outline);
        clashes(given.map(|item| (item.name().as_str(), item.variable())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Metadata;
    use crate::name::{ItemName, UserName};
    use crate::secret::SecretBytes;
    use crate::time::Time;

    fn content(items: &[(&str, Deliver, &str)]) -> Content {
        let mut content = Content::default();
        for (name, deliver, variable) in items {
            let variable = VariableName::new(*variable).ok();
            let metadata = Metadata { deliver: *deliver, variable, ..Metadata::default() };
            let (name, mia) = (ItemName::new(*name).unwrap(), UserName::new("mia").unwrap());
            content.set(&name, SecretBytes::from("x"), &metadata, &mia, Time::now()).unwrap();
        }
        content
    }

    #[test]
    fn two_items_that_would_be_one_variable_are_told_by_name() {
        use Deliver::{File, None, Variable};
        let dev = EnvironmentName::new("dev").unwrap();
        let clashes = |items: &[(&str, Deliver, &str)]| -> Vec<String> {
            content(items).clashes().iter().map(|clash| clash.error(&dev).to_string()).collect()
        };
        assert_eq!(
            clashes(&[("A", Variable, "B"), ("B", Variable, "")]),
            ["dev/A and dev/B would both be the variable B"]
        );
        assert_eq!(
            clashes(&[("A", File, ""), ("A_FILE", Variable, "")]),
            ["dev/A and dev/A_FILE would both be the variable A_FILE"]
        );
        assert_eq!(
            clashes(&[("A", File, "X"), ("b.c", Variable, "X")]),
            ["dev/A and dev/b.c would both be the variable X"]
        );
        for apart in [
            &[("A", Variable, "B"), ("B", Variable, "A")][..],
            &[("A", Variable, "B"), ("B", None, "")],
            &[("A", File, ""), ("A_FILE", None, ""), ("B", Variable, "A")],
        ] {
            assert_eq!(clashes(apart), <[String; 0]>::default(), "{apart:?}");
        }
    }
}
