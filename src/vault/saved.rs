//! The latest saves in a file. Signatures and rights are verified, but not how new the file is.

use super::block;
use super::verified::Standing;
use super::{Snapshot, UnprovenSnapshot, Vault};
use crate::error::Result;
use crate::file::{Block, BlockStatement};
use crate::name::EnvironmentName;
use crate::roster::{Environment, Roster};
use crate::signature::Hash;
use std::collections::BTreeMap;

/// A file in which everything is verified that needs no key.
#[derive(Debug, Clone)]
pub struct Saved {
    roster: Roster,
    saves: BTreeMap<EnvironmentName, Save>,
}

/// The latest save of an environment in a file, as it is compared with those of other files. What the file of an open
/// vault has is a [`LastSave`](super::LastSave).
#[derive(Debug, Clone)]
pub(super) struct Save {
    /// The statement that its author signed.
    pub statement: BlockStatement,
    /// The hash of the statement.
    pub hash: Hash,
    /// The roster change that added the environment.
    pub added: u32,
    /// Why the block is accepted.
    pub standing: Standing,
}

/// An environment that waits for a save, because the author of its latest one may no longer write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending<'a> {
    /// The environment's name.
    pub name: &'a EnvironmentName,
    /// Whether nobody may write it any more, so that no save will come.
    pub is_for_good: bool,
}

impl Saved {
    /// Verifies a file, with what can be seen of its slots.
    ///
    /// # Errors
    /// An integrity error that says what is wrong.
    pub(super) fn verify(bytes: Vec<u8>) -> Result<Self> {
        let snapshot = UnprovenSnapshot::parse(bytes)?.prove()?;
        let saved = Self::of(&snapshot)?;
        snapshot.check_slots()?;
        Ok(saved)
    }

    /// Verifies a file. The part of its roster that it shares with the `known` roster is not verified again.
    ///
    /// # Errors
    /// An integrity error that says what is wrong.
    pub(super) fn verify_beside(bytes: Vec<u8>, known: &Roster) -> Result<Self> {
        Self::of(&UnprovenSnapshot::parse(bytes)?.prove_beside(known)?)
    }

    fn of(snapshot: &Snapshot) -> Result<Self> {
        Ok(Self { saves: saves(snapshot.blocks(), snapshot.roster())?, roster: snapshot.roster().clone() })
    }

    /// Returns the vault's id.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.roster.id()
    }

    /// Returns the roster: the users and their rights.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Returns the environments.
    pub fn environments(&self) -> impl ExactSizeIterator<Item = &EnvironmentName> {
        self.saves.keys()
    }

    /// Returns the latest save of each environment.
    pub(super) fn saves(&self) -> &BTreeMap<EnvironmentName, Save> {
        &self.saves
    }

    /// Returns the environments that wait for the next save by a user who can write them.
    pub fn pending(&self) -> impl Iterator<Item = Pending<'_>> {
        let environments = &self.roster.state().environments;
        let has_writer = |name| environments.get(name).is_some_and(Environment::has_writer);
        let pending = self.saves.iter().filter(|(_, save)| save.standing == Standing::Pending);
        pending.map(move |(name, _)| Pending { name, is_for_good: !has_writer(name) })
    }
}

impl Vault {
    /// Returns the latest saves in this vault's file.
    ///
    /// # Errors
    /// An integrity error for the first block that is wrong.
    pub fn saved(&self) -> Result<Saved> {
        Ok(Saved { roster: self.roster.clone(), saves: saves(&self.file.blocks, &self.roster)? })
    }
}

fn saves(blocks: &[Block], roster: &Roster) -> Result<BTreeMap<EnvironmentName, Save>> {
    let mut saves = BTreeMap::new();
    for block in blocks {
        let (dearmored, standing) = block::verify(roster, block)?;
        let statement = block.statement.clone();
        let added = roster.state().environment(&statement.name)?.added;
        saves.insert(statement.name.clone(), Save { statement, hash: dearmored.hash, added, standing });
    }
    Ok(saves)
}
