//! Items that a program would get as the same variable.

use super::{Content, Deliver, Item};
use crate::error::{Error, Remedy};
use crate::name::{EnvironmentName, NamedItem};
use std::borrow::Cow;
use std::collections::HashMap;

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
        let Self { items, variable } = self;
        let [first, second] = items.each_ref().map(|name| NamedItem::within(environment, name));
        Error::usage(format!("{first} and {second} would both be the variable {variable}"))
            .hint(("give one of them another variable: ", Remedy::SetVariable(second.to_string())))
    }
}

/// Returns the items that share a variable, so that a program could get only one of them. `items` are names with
/// variables.
pub(crate) fn clashes<'a>(items: impl Iterator<Item = (&'a str, Cow<'a, str>)>) -> Vec<Clash> {
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
    pub(crate) fn clashes(&self) -> Vec<Clash> {
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
    use crate::name::{ItemName, UserName, VariableName};
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
    fn two_items_that_would_be_one_variable_are_named() {
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
