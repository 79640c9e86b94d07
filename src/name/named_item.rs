//! How people name an item: `NAME`, or `ENV/NAME`.

use super::{EnvironmentName, ItemName};
use crate::error::{Error, Result};
use std::fmt::{self, Display};
use std::str::FromStr;

/// An item as people name it: `NAME`, or `ENV/NAME` for the one in that environment.
///
/// Its parts are names that were checked, or, with other types, text that was not: what is typed may be a pattern such as
/// `ENV/STRIPE*`, or only the start of a name.
///
/// ```
/// use vault::name::NamedItem;
///
/// # fn main() -> vault::Result<()> {
/// let item: NamedItem = "prod/STRIPE_KEY".parse()?;
/// assert_eq!(item.environment.as_ref().unwrap().as_str(), "prod");
/// assert_eq!(item.to_string(), "prod/STRIPE_KEY");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedItem<E = EnvironmentName, N = ItemName> {
    /// The environment, if it was named.
    pub environment: Option<E>,
    /// The item's name.
    pub name: N,
}

impl<'a> NamedItem<&'a str, &'a str> {
    /// Splits a text at its first slash. The parts are not checked.
    #[must_use]
    pub fn split(text: &'a str) -> Self {
        match text.split_once('/') {
            Some((environment, name)) => Self { environment: Some(environment), name },
            None => Self { environment: None, name: text },
        }
    }
}

impl<E, N> NamedItem<E, N> {
    /// Names an item of an environment, to show it as `ENV/NAME`.
    #[must_use]
    pub fn within(environment: E, name: N) -> Self {
        Self { environment: Some(environment), name }
    }

    /// Converts both parts, the environment first.
    ///
    /// # Errors
    /// The first error of a conversion.
    pub fn try_map<F, M>(
        self,
        environment: impl FnOnce(E) -> Result<F>,
        name: impl FnOnce(N) -> Result<M>,
    ) -> Result<NamedItem<F, M>> {
        Ok(NamedItem { environment: self.environment.map(environment).transpose()?, name: name(self.name)? })
    }
}

impl<'a, E, N> From<&'a (E, N)> for NamedItem<&'a E, &'a N> {
    /// Names an item by its place.
    fn from((environment, name): &'a (E, N)) -> Self {
        Self::within(environment, name)
    }
}

impl FromStr for NamedItem {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        NamedItem::split(text).try_map(EnvironmentName::new, ItemName::new)
    }
}

impl<E: Display, N: Display> Display for NamedItem<E, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.environment {
            Some(environment) => write!(f, "{environment}/{}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_that_is_not_a_name_with_or_without_an_environment_is_refused() {
        for wrong in ["", "/KEY", "dev/", "a/b/c", "dev KEY", "Dev/KEY"] {
            assert!(wrong.parse::<NamedItem>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn of_two_wrong_parts_the_environment_is_reported() {
        let error = "Dev/a b".parse::<NamedItem>().unwrap_err();
        assert_eq!(error.to_string(), "\"Dev\" is not a valid name for an environment");
    }

    proptest! {
        #[test]
        fn a_shown_item_is_read_as_the_same_item(
            environment in proptest::option::of("[a-z0-9][a-z0-9_-]{0,62}"),
            name in "[A-Za-z0-9_][A-Za-z0-9_.-]{0,40}",
        ) {
            let environment = environment.map(|name| EnvironmentName::new(name).unwrap());
            let item = NamedItem { environment, name: ItemName::new(name).unwrap() };
            prop_assert_eq!(item.to_string().parse::<NamedItem>().unwrap(), item);
        }

        #[test]
        fn the_parts_of_any_text_make_up_the_text(text in "[^/]{0,9}(/.{0,9})?") {
            prop_assert_eq!(NamedItem::split(&text).to_string(), text);
        }
    }
}
