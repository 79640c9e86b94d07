//! One of the files in a merge, verified whole under its own roster.

use crate::error::{Error, Result};
use crate::file::{Block, File, MAX_KEY_SLOTS, Slot, SlotKind};
use crate::fs::Stamp;
use crate::name::EnvironmentName;
use crate::roster::Roster;
use crate::signature::Hash;
use crate::vault::open::{Location, Parsed};
use crate::vault::{Settings, Vault, block, missing_block};
use std::collections::BTreeMap;

/// A block's binary age file, and the hash of its statement.
pub(in crate::vault) struct Sealed {
    pub bytes: Vec<u8>,
    pub hash: Hash,
}

pub(in crate::vault) struct SideFile {
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
            let shared = known.and_then(|known| known.fork(file.claims().roster()));
            let vault = file.prove_from(shared)?;
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

/// Returns whether a slot is not in the list, and its user may have one more.
pub(super) fn has_room(slots: &[Slot], slot: &Slot) -> bool {
    let of_user = || slots.iter().filter(|known| known.user == slot.user);
    let is_passphrase = |slot: &Slot| slot.kind == SlotKind::Passphrase;
    let count = of_user().filter(|known| is_passphrase(known) == is_passphrase(slot)).count();
    let most = if is_passphrase(slot) { 1 } else { MAX_KEY_SLOTS };
    count < most && of_user().all(|known| known != slot)
}
