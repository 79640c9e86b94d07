//! One of the files in a merge, verified whole under its own roster.

use super::location::Location;
use super::parsed::Parsed;
use super::proven::missing_block;
use super::{Settings, Vault, block};
use crate::error::{Error, Result};
use crate::file::{Block, File, Slot};
use crate::fs::Stamp;
use crate::merge::Applied;
use crate::name::EnvironmentName;
use crate::roster::Roster;
use crate::signature::Hash;
use std::collections::BTreeMap;

/// A block's binary age file, and the hash of its statement.
pub(super) struct Sealed {
    pub bytes: Vec<u8>,
    pub hash: Hash,
}

pub(super) struct SideFile {
    pub vault: Vault,
    blocks: BTreeMap<EnvironmentName, Sealed>,
}

impl SideFile {
    /// Verifies a file. The roster changes that it shares with the `known` roster are not verified again.
    pub fn read(
        bytes: Vec<u8>,
        what: &str,
        known: Option<&Roster>,
        location: &Location,
        settings: &Settings,
    ) -> Result<Self> {
        let invalid = |error: Error| {
            let message = format!("{what} has no valid vault: {error}");
            error.reworded(message)
        };
        let read = || -> Result<Self> {
            let file = Parsed::read(bytes, Stamp::none(), settings)?.fold(location, settings)?;
            let vault = match known {
                Some(known) => file.prove_beside(known)?,
                None => file.prove_of_any_age()?,
            };
            let mut blocks = BTreeMap::new();
            for block in &vault.file.blocks {
                let (dearmored, _) = block::verify(&vault.roster, block)?;
                blocks.insert(block.statement.name.clone(), Sealed { bytes: dearmored.bytes, hash: dearmored.hash });
            }
            Ok(Self { vault, blocks })
        };
        read().map_err(invalid)
    }

    pub fn names(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.blocks.keys()
    }

    pub fn hash(&self, name: &EnvironmentName) -> Option<Hash> {
        self.blocks.get(name).map(|sealed| sealed.hash)
    }

    pub fn sealed(&self, name: &EnvironmentName) -> Result<(&Block, &Sealed)> {
        let block = self.vault.file.block(name).zip(self.blocks.get(name));
        block.ok_or_else(|| missing_block(name))
    }

    /// Returns the side as a vault with these slots.
    pub fn as_vault(&self, slots: Vec<Slot>) -> Vault {
        let vault = &self.vault;
        let file = File { roster: Vec::new(), slots, blocks: vault.file.blocks.clone() };
        Vault::of_parts(vault, file, vault.roster.clone())
    }
}

/// Returns the settings for reading a side. A pin and the warning about what is missing apply to the merged file only,
/// because a side of a merge may well be older. Files that the user named may be older than everything seen here.
pub(super) fn of_sides(settings: &Settings, applied: Applied) -> Settings {
    Settings { pin: None, looks_back: applied == Applied::File, is_side: true, ..settings.clone() }
}
