//! Items that reach the command outside its environment: as a file, or on standard input.
//!
//! - Gives parts of what was read: `Handed::files`, `Handed::items`, `Handed::stdin`, `Handing::take`
//! - Gives text without values: `Handing::files`, `Handing::stdin`, `Handing::variables`

use crate::actions::selection::missing;
use crate::error::{Error, Result};
use crate::item::Injectable;
use crate::name::EnvironmentName;
use crate::vault::UnreadInjectables;

/// The items to hand over, and how.
#[derive(Debug, Default)]
pub struct Handing {
    /// The items to give as files, each with the variable that holds the path.
    pub files: Vec<(String, String)>,
    /// The item to give on standard input.
    pub stdin: Option<String>,
}

/// The items that were handed over.
#[derive(Default)]
pub struct Handed {
    /// The items given as files, each with the variable that holds the path.
    pub files: Vec<(String, Injectable)>,
    /// The item given on standard input.
    pub stdin: Option<Injectable>,
}

impl Handing {
    /// Returns whether no item is handed over.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.files.is_empty() && self.stdin.is_none()
    }

    /// Returns whether an item of this name is handed over.
    #[must_use]
    pub fn takes(&self, name: &str) -> bool {
        self.files.iter().any(|(item, _)| item == name) || self.stdin.as_deref() == Some(name)
    }

    /// The variables that hold paths.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(_, variable)| variable.as_str())
    }

    /// Keeps each item to hand over in a single environment. The last environment that has it wins, as for variables.
    ///
    /// # Errors
    /// A not-found error for an item that no environment has.
    pub fn choose(&self, unread: &mut [UnreadInjectables]) -> Result<()> {
        for name in self.files.iter().map(|(name, _)| name).chain(&self.stdin) {
            let mut is_found = false;
            for unread in unread.iter_mut().rev() {
                let has = unread.items().any(|item| item.name() == name);
                if is_found && has {
                    unread.retain(|item| item.name() != name);
                }
                is_found |= has;
            }
            if !is_found {
                return Err(not_there(name));
            }
        }
        Ok(())
    }

    /// Removes the items to hand over from those that become variables, and returns them.
    ///
    /// # Errors
    /// A not-found error for a missing item.
    pub fn take(&self, given: &mut [(EnvironmentName, Vec<Injectable>)]) -> Result<Handed> {
        if self.is_nothing() {
            return Ok(Handed::default());
        }
        let find = |name: &String| {
            let found = given.iter().flat_map(|(_, items)| items).find(|item| *item.name == **name);
            found.cloned().ok_or_else(|| not_there(name))
        };
        let files = self.files.iter().map(|(name, variable)| Ok((variable.clone(), find(name)?)));
        let files = files.collect::<Result<Vec<_>>>()?;
        let stdin = self.stdin.as_ref().map(find).transpose()?;
        for (_, items) in given {
            items.retain(|item| !self.takes(&item.name));
        }
        Ok(Handed { files, stdin })
    }
}

impl Handed {
    /// The items, under their own names.
    pub fn items(&self) -> impl Iterator<Item = &Injectable> {
        self.files.iter().map(|(_, item)| item).chain(&self.stdin)
    }
}

fn not_there(name: &str) -> Error {
    missing(name, "to hand over")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;

    fn item(name: &str, value: &str) -> Injectable {
        Injectable::new(name, SecretBytes::from(value))
    }

    fn given() -> Vec<(EnvironmentName, Vec<Injectable>)> {
        let environment = |name: &str| EnvironmentName::new(name).unwrap();
        let (dev, prod) = (vec![item("KEY", "dev"), item("A", "1")], vec![item("KEY", "prod")]);
        vec![(environment("dev"), dev), (environment("prod"), prod)]
    }

    #[test]
    fn the_last_environment_wins_and_items_handed_over_are_not_variables() {
        let handing = Handing { files: vec![("KEY".to_owned(), "KEY_FILE".to_owned())], stdin: None };
        let mut unread: Vec<_> = given()
            .into_iter()
            .map(|(environment, items)| UnreadInjectables::of_no_session(environment, items))
            .collect();
        handing.choose(&mut unread).unwrap();
        let names: Vec<Vec<&str>> =
            unread.iter().map(|unread| unread.items().map(|item| item.name()).collect()).collect();
        assert_eq!(names, [vec!["A"], vec!["KEY"]]);

        let mut all = given();
        all[0].1.remove(0);
        let handed = handing.take(&mut all).unwrap();
        let (variable, item) = &handed.files[0];
        assert_eq!((variable.as_str(), &*item.value, handed.items().count()), ("KEY_FILE", &b"prod"[..], 1));
        assert_eq!((all[0].1.len(), all[1].1.len()), (1, 0));
    }

    #[test]
    fn a_missing_item_is_refused() {
        let handing = Handing { files: Vec::new(), stdin: Some("NOWHERE".to_owned()) };
        let expected = "there is no item \"NOWHERE\" to hand over";
        assert_eq!(handing.choose(&mut []).unwrap_err().to_string(), expected);
        assert_eq!(handing.take(&mut given()).err().unwrap().to_string(), expected);
    }
}
