//! What a file says was saved last: signatures and rights are verified, and not how new it is.

use super::block::{self, Standing};
use super::{Snapshot, Vault};
use crate::error::Result;
use crate::file::{Block, BlockStatement};
use crate::name::EnvironmentName;
use crate::roster::Roster;
use crate::signature::Hash;
use std::collections::BTreeMap;

/// A file of which everything was verified that can be without a key.
#[derive(Debug, Clone)]
pub struct Saved {
    roster: Roster,
    saves: BTreeMap<EnvironmentName, Save>,
}

/// An environment's newest save in a file.
#[derive(Debug, Clone)]
pub struct Save {
    /// What its author signed.
    pub statement: BlockStatement,
    /// The hash of that.
    pub hash: Hash,
    /// The roster change that added the environment.
    pub added: u32,
    /// Why it may stand.
    pub standing: Standing,
}

impl Saved {
    /// Verifies a file. What its roster shares with a known one need not be verified again.
    ///
    /// # Errors
    /// An integrity error that says what is wrong.
    pub fn verify(bytes: Vec<u8>, known: Option<&Roster>) -> Result<Self> {
        let snapshot = Snapshot::parse(bytes, known)?;
        Ok(Self { saves: saves(snapshot.blocks(), snapshot.roster())?, roster: snapshot.roster().clone() })
    }

    /// The vault's id.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.roster.id()
    }

    /// Who is a user and who may what.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The environments, each as it was saved last.
    #[must_use]
    pub fn saves(&self) -> &BTreeMap<EnvironmentName, Save> {
        &self.saves
    }
}

impl Vault {
    /// What the file says.
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
