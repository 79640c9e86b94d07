//! What a decision names: an item, or everything in an environment.

use crate::error::{Error, Result};
use crate::name::{EnvironmentName, NamedItem};
use std::fmt;
use std::str::FromStr;

/// Stands for all names of an environment.
const ALL: &str = "*";

/// What a side is taken for.
///
/// ```
/// use vault::vault::Subject;
///
/// # fn main() -> vault::Result<()> {
/// let subject: Subject = "prod/*".parse()?;
/// assert!(matches!(&subject, Subject::All(environment) if environment.as_str() == "prod"));
/// assert_eq!(subject.to_string(), "prod/*");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// `NAME` or `ENV/NAME`: an item.
    Item(NamedItem),
    /// `ENV/*`: everything in this environment, and whether it stays.
    All(EnvironmentName),
}

impl FromStr for Subject {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match NamedItem::split(text) {
            NamedItem { environment: Some(environment), name: ALL } => EnvironmentName::new(environment).map(Self::All),
            _ => text.parse().map(Self::Item),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(item) => item.fmt(f),
            Self::All(environment) => NamedItem::within(environment, ALL).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_or_a_whole_environment_is_named_and_no_other_pattern() {
        let all = Subject::All(EnvironmentName::new("dev").unwrap());
        for (text, subject) in [
            ("dev/*", all),
            ("KEY", Subject::Item("KEY".parse().unwrap())),
            ("dev/KEY", Subject::Item("dev/KEY".parse().unwrap())),
        ] {
            assert_eq!(text.parse::<Subject>().unwrap(), subject);
            assert_eq!(subject.to_string(), text);
        }
        for wrong in ["", "*", "Dev/*", "/*", "dev/", "dev/K*", "*/KEY", "dev/*/*"] {
            assert!(wrong.parse::<Subject>().is_err(), "{wrong}");
        }
    }
}
