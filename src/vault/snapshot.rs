//! The file as it was at some time, for who looks at history. Its signatures are verified under its own roster, and nothing
//! of it is compared with what this device has seen.

use super::open::check_blocks;
use super::session::unsealed;
use super::{Session, Unread, Vault, block};
use crate::error::{Error, Kind, Result};
use crate::file::{Block, BlockStatement, File};
use crate::identity::FingerprintKey;
use crate::item::Content;
use crate::name::EnvironmentName;
use crate::roster::{Right, Roster};

/// A file whose roster is verified.
#[derive(Debug, Clone)]
pub struct Snapshot {
    file: File,
    roster: Roster,
}

/// What can be seen of an environment.
pub enum Sight {
    /// All of it, unread.
    Content(Unread),
    /// Its outline alone, and why, in words.
    Outline(String),
}

impl Snapshot {
    /// Reads a file's bytes and verifies the roster; what it has in common with a `known` one is verified already.
    ///
    /// # Errors
    /// An integrity error that says what is wrong.
    pub fn parse(bytes: Vec<u8>, known: Option<&Roster>) -> Result<Self> {
        let mut file = File::parse(bytes)?;
        let mut roster = Roster::fold(std::mem::take(&mut file.roster))?;
        let verified = known.and_then(|known| known.fork(&roster));
        roster.verify_signatures(verified)?;
        check_blocks(&file, &roster)?;
        Ok(Self { file, roster })
    }

    /// Who is a user and who may what there.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The encrypted environments: not verified yet.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.file.blocks
    }

    /// The environments, by name.
    pub fn environments(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.roster.state().environments.keys()
    }

    /// What the author of an environment states, once its signature and right are verified.
    ///
    /// # Errors
    /// An integrity error if it is not valid.
    pub fn statement(&self, name: &EnvironmentName) -> Result<Option<&BlockStatement>> {
        let Some(block) = self.file.block(name) else { return Ok(None) };
        block::verify(&self.roster, block)?;
        Ok(Some(&block.statement))
    }

    /// Whether this environment is not there, or the very same, on both sides.
    #[must_use]
    pub fn has_same(&self, other: &Self, name: &EnvironmentName) -> bool {
        self.file.block(name) == other.file.block(name)
    }
}

impl Vault {
    /// This file as one to be compared.
    ///
    /// # Errors
    /// An integrity error for a file that is not merged.
    pub fn snapshot(&self) -> Result<Snapshot> {
        self.check_merged()?;
        Ok(Snapshot { file: self.file.clone(), roster: self.roster.clone() })
    }
}

impl Session {
    /// The key of this user's fingerprints of values.
    ///
    /// # Errors
    /// An unlock error if the agent has ended.
    pub fn fingerprint_key(&self) -> Result<FingerprintKey> {
        self.keys.fingerprint_key()
    }

    /// Looks into an environment of a snapshot with this user's keys, earlier ones too. What the user may not read now, or
    /// could not read then, is an outline; so is what its author saved so that nobody can read it.
    ///
    /// # Errors
    /// An integrity error if its signature or right is not valid; an unlock error if the agent has ended.
    pub fn look(&self, snapshot: &Snapshot, name: &EnvironmentName) -> Result<Sight> {
        let Some(block) = snapshot.file.block(name) else {
            return Ok(Sight::Content(Unread::new(name.clone(), Content::default())));
        };
        let (dearmored, _) = block::verify(&snapshot.roster, block)?;
        let user = self.user();
        let is_there_now = self.vault.roster.state().environments.contains_key(name);
        if is_there_now && self.check_right(name, Right::Read).is_err() {
            return Ok(Sight::Outline(format!("{user} may not read it")));
        }
        match self.opened(snapshot, block, &dearmored.bytes) {
            Ok(Some(content)) => Ok(Sight::Content(Unread::new(name.clone(), content))),
            Ok(None) => Ok(Sight::Outline(format!("it was not encrypted for {user} then"))),
            Err(error) if error.kind() == Kind::Integrity => {
                let author = &block.statement.author;
                Ok(Sight::Outline(format!("what {author} saved there can't be read")))
            }
            Err(error) => Err(error),
        }
    }

    fn opened(&self, snapshot: &Snapshot, block: &Block, bytes: &[u8]) -> Result<Option<Content>, Error> {
        let id = snapshot.roster.id();
        let readers = snapshot.roster.state().environment(&block.statement.name)?.grants.keys();
        let place = readers.take_while(|reader| *reader != self.user()).count();
        let Some(plaintext) = self.keys.open(bytes, place, &id)? else { return Ok(None) };
        unsealed(&plaintext, &block.statement, &id).map(Some)
    }
}
