//! Scanning: which values are searched for in files, and what was found where. The values stay inside this module.

use crate::error::Result;
use crate::item::Kind;
use crate::log::Action;
use crate::name::{EnvironmentName, ItemName};
use crate::scan::is_well_known;
use crate::search::{Found, IN_FILES, Searcher};
use crate::secret::SecretBytes;
use crate::vault::{Purpose, Session};
use crate::view::Finding;

/// The values to search for, from one vault or several.
#[derive(Default)]
pub struct Sought {
    items: Vec<Item>,
    /// The values of these items.
    values: Vec<SecretBytes>,
    /// How many values are too short to search for.
    pub too_short: usize,
    /// How many values are so common that they are found everywhere, such as `localhost`.
    pub well_known: usize,
}

/// An item whose value is searched for.
struct Item {
    /// The name of the vault, if several vaults are searched.
    vault: Option<String>,
    environment: EnvironmentName,
    name: ItemName,
}

impl Sought {
    /// Adds the values of these environments, or of all that the user can read, after a log entry. `vault` is the name
    /// of the vault in findings. Returns the environments that were not named and could not be read, for a warning.
    ///
    /// # Errors
    /// As [`Session::open`] for named environments, and as [`Session::open_readable`] for all.
    pub fn add(
        &mut self,
        session: &Session,
        named: &[EnvironmentName],
        vault: Option<&str>,
    ) -> Result<Vec<EnvironmentName>> {
        let purpose = Purpose::for_action(Action::Scan);
        let opened = match named {
            [] => session.open_readable()?,
            // An environment that was named must be readable.
            _ => named.iter().map(|name| session.open(&purpose, name)).collect::<Result<_>>()?,
        };
        let mut unread = if named.is_empty() { session.readable() } else { Vec::new() };
        unread.retain(|name| !opened.iter().any(|open| open.environment() == name));
        for (environment, content) in session.compare_all(&purpose, opened)? {
            for item in content.items().values().filter(|item| item.metadata.kind != Kind::Variable) {
                let value = &item.current.value;
                match value.len() {
                    0 => {}
                    length if length < IN_FILES.value => self.too_short += 1,
                    _ if is_well_known(value) => self.well_known += 1,
                    _ => {
                        let (vault, environment) = (vault.map(str::to_owned), environment.clone());
                        self.items.push(Item { vault, environment, name: item.name.clone() });
                        self.values.push(value.clone());
                    }
                }
            }
        }
        Ok(unread)
    }

    /// Returns how many values are searched for.
    #[must_use]
    pub fn count(&self) -> usize {
        self.values.len()
    }

    /// Returns a searcher for the values.
    #[must_use]
    pub fn searcher(&self) -> Searcher {
        Searcher::new(self.values.iter().map(|value| &**value), IN_FILES)
    }

    /// Makes the finding for a match in this file, of this commit if one is given.
    #[must_use]
    pub fn finding(&self, found: Found, path: &str, commit: Option<&str>) -> Finding {
        let Item { vault, environment, name } = &self.items[found.value];
        Finding {
            file: Some(path.to_owned()),
            vault: vault.clone(),
            line: Some(found.line),
            encoding: Some(found.encoding.name()),
            commit: commit.map(str::to_owned),
            ..Finding::new("leak", environment, name.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::scan::Stream;

    #[test]
    fn values_are_found_by_name_after_an_entry_and_short_and_well_known_ones_are_not_looked_for() {
        let sandbox = Sandbox::with(&["dev/A=first-secret", "dev/B=short", "dev/C=localhost", "prod/D=other-secret"]);
        let mut sought = Sought::default();
        assert_eq!(sought.add(&sandbox.session, &[], None), Ok(Vec::new()));
        assert_eq!((sought.count(), sought.too_short, sought.well_known), (2, 1, 1));
        let log = sandbox.log();
        assert_eq!(log[log.len() - 2..], ["scan dev ", "scan prod "]);

        let (searcher, mut findings) = (sought.searcher(), Vec::new());
        let mut text: &[u8] = b"one\nkey = other-secret\n";
        let mut found = |found| findings.push(sought.finding(found, "app.conf", None));
        Stream::new(&searcher).search(&mut text, &mut found).unwrap();
        let described: Vec<_> =
            findings.iter().map(|one| (one.environment.as_str(), one.name.as_str(), one.line)).collect();
        assert_eq!(described, [("prod", "D", Some(2))]);
    }

    #[test]
    fn only_the_environments_that_are_named_are_looked_through() {
        let sandbox = Sandbox::with(&["dev/A=first-secret", "prod/D=other-secret"]);
        let mut sought = Sought::default();
        sought.add(&sandbox.session, &[environment("prod")], None).unwrap();
        assert_eq!((sought.count(), sandbox.log().last().unwrap().as_str()), (1, "scan prod "));
        assert!(sought.add(&sandbox.session, &[environment("nope")], None).is_err());
    }
}
