//! The values that are searched for.
//!
//! - Gives values, after their log entry: `Sought::of`

use super::outcome::Undecrypted;
use super::vaults::Vaults;
use crate::error::Result;
use crate::item::Kind;
use crate::log::Action;
use crate::name::{EnvironmentName, ItemName};
use crate::scan::is_well_known;
use crate::search::IN_FILES;
use crate::secret::SecretBytes;
use crate::vault::{Purpose, Session};
use std::path::PathBuf;

/// The values to search for, from one vault or several.
#[derive(Default)]
pub struct Sought {
    pub(super) items: Vec<Item>,
    /// The values of these items.
    pub(super) values: Vec<SecretBytes>,
    /// The environments whose values should be searched for and could not be read.
    pub(super) undecrypted: Vec<Undecrypted>,
    /// The files of the vaults, which are not searched.
    pub(super) vaults: Vec<PathBuf>,
    counts: Counts,
}

/// How many values are searched for, and how many are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// How many are searched for.
    pub sought: usize,
    /// How many are too short to search for.
    pub too_short: usize,
    /// How many are so common that they are found everywhere, such as `localhost`.
    pub well_known: usize,
}

/// An item whose value is searched for.
pub(super) struct Item {
    /// The name of the vault, if several vaults are searched.
    pub vault: Option<String>,
    pub environment: EnvironmentName,
    pub name: ItemName,
}

impl Sought {
    /// Collects the values of all environments that the user can read in several vaults, after their log entries.
    ///
    /// # Errors
    /// As [`Sought::add`].
    pub fn of(vaults: &Vaults) -> Result<Self> {
        let mut sought = Self { vaults: vaults.left_out.clone(), ..Self::default() };
        for (name, session) in &vaults.unlocked {
            sought.add(session, &[], Some(name))?;
        }
        Ok(sought)
    }

    /// Adds the values of these environments, or of all that the user can read, after a log entry. `vault` is the name
    /// of the vault in findings. An environment that was not named and can't be decrypted is a lack of the search.
    ///
    /// # Errors
    /// As [`Session::open`] for named environments, and as [`Session::open_readable`] for all.
    pub fn add(&mut self, session: &Session, named: &[EnvironmentName], vault: Option<&str>) -> Result<()> {
        let purpose = Purpose::for_action(Action::Scan);
        let opened = match named {
            [] => session.open_readable(&purpose)?,
            // An environment that was named must be readable.
            _ => named.iter().map(|name| session.open(&purpose, name)).collect::<Result<_>>()?,
        };
        let wanted = if named.is_empty() { session.readable() } else { Vec::new() };
        for environment in wanted {
            if !opened.iter().any(|open| *open.environment() == environment) {
                self.undecrypted.push(Undecrypted { vault: vault.map(str::to_owned), environment });
            }
        }
        self.vaults.push(session.vault().path().to_owned());
        for (environment, content) in session.compare_all(&purpose, opened)? {
            for item in content.items().values().filter(|item| item.metadata.kind != Kind::Variable) {
                let value = &item.current.value;
                match value.len() {
                    0 => {}
                    length if length < IN_FILES.value => self.counts.too_short += 1,
                    _ if is_well_known(value) => self.counts.well_known += 1,
                    _ => {
                        self.counts.sought += 1;
                        let (vault, environment) = (vault.map(str::to_owned), environment.clone());
                        self.items.push(Item { vault, environment, name: item.name.clone() });
                        self.values.push(value.clone());
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns how many values are searched for, and how many are not.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};

    #[test]
    fn values_are_collected_after_an_entry_without_short_and_well_known_ones() {
        let sandbox = Sandbox::with(&["dev/A=first-secret", "dev/B=short", "dev/C=localhost", "prod/D=other-secret"]);
        let mut sought = Sought::default();
        sought.add(&sandbox.session, &[], None).unwrap();
        assert_eq!(sought.counts(), Counts { sought: 2, too_short: 1, well_known: 1 });
        let log = sandbox.log();
        assert_eq!(log[log.len() - 2..], ["scan dev ", "scan prod "]);
    }

    #[test]
    fn only_the_named_environments_are_used() {
        let sandbox = Sandbox::with(&["dev/A=first-secret", "prod/D=other-secret"]);
        let mut sought = Sought::default();
        sought.add(&sandbox.session, &[environment("prod")], None).unwrap();
        assert_eq!((sought.counts().sought, sandbox.log().last().unwrap().as_str()), (1, "scan prod "));
        assert!(sought.add(&sandbox.session, &[environment("nope")], None).is_err());
    }
}
