//! Records which dangerous names in an environment were allowed on this device, and which names were seen.

use super::Store;
use crate::error::Result;
use crate::fs;
use crate::marks::{Marks, Names, Place};
use crate::name::EnvironmentName;
use crate::roster::Roster;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The maximum size of the list of names, in bytes.
const MAX_NAMES: usize = 32 * 1024 * 1024;
const FILE: &str = "names.json";

/// The names that were seen in an environment, as fingerprints. Somebody who reads this device's files learns no name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenNames {
    added: u32,
    names: BTreeSet<String>,
}

impl Store {
    /// Changes what is kept about an environment's names, and returns the result of `change`.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn change_names<T>(
        &self,
        roster: &Roster,
        git: bool,
        place: Place<'_>,
        change: impl FnOnce(&mut Names) -> T,
    ) -> Result<T> {
        let lock = self.lock()?;
        let old = self.load()?;
        let mut new = old.clone().unwrap_or_else(|| Marks::new(git, roster, BTreeMap::new()));
        let mut names =
            new.names_of(place).cloned().unwrap_or_else(|| Names { added: place.added, ..Names::default() });
        let changed = change(&mut names);
        let is_empty = names.allowed.is_empty() && names.seen.is_none() && names.confirmed.is_none();
        match is_empty {
            true => drop(new.names.remove(place.environment)),
            false => drop(new.names.insert(place.environment.clone(), names)),
        }
        self.write(&lock, old.as_ref(), &new, roster, &BTreeMap::new())?;
        Ok(changed)
    }

    /// Returns the fingerprints, made with the key of `reader`, of the names seen in an environment; `None` before the
    /// first look. A damaged list counts as empty.
    ///
    /// # Errors
    /// If the list can't be read.
    pub fn seen_names(&self, reader: &str, place: Place<'_>) -> Result<Option<BTreeSet<String>>> {
        let mut seen = self.all_seen_names()?.remove(reader).unwrap_or_default();
        let seen = seen.remove(place.environment).filter(|seen| seen.added == place.added);
        Ok(seen.map(|seen| seen.names))
    }

    /// Adds fingerprints of names to those seen in an environment.
    ///
    /// # Errors
    /// If the list can't be written.
    pub fn add_seen_names(&self, reader: &str, place: Place<'_>, names: BTreeSet<String>) -> Result<()> {
        let lock = self.lock()?;
        let mut all = self.all_seen_names()?;
        let new = SeenNames { added: place.added, names: BTreeSet::new() };
        let by_reader = all.entry(reader.to_owned()).or_default();
        let seen = by_reader.entry(place.environment.clone()).or_insert_with(|| new.clone());
        if seen.added != place.added {
            *seen = new;
        }
        let count = seen.names.len();
        seen.names.extend(names);
        if seen.names.len() == count && count > 0 {
            return Ok(());
        }
        let json = serde_json::to_vec(&all)
            .map_err(|_| crate::error::Error::failed("the record of the names seen here can't be written"))?;
        self.replace(&lock, FILE, &json, fs::Durability::Begun)
    }

    /// Reads all seen names, by the key that made the fingerprints and by environment.
    fn all_seen_names(&self) -> Result<BTreeMap<String, BTreeMap<EnvironmentName, SeenNames>>> {
        let bytes = fs::read_if_there(&self.directory.join(FILE), MAX_NAMES)?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }
}
