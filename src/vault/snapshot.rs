//! The file as it was at some time, for looking at history. Its signatures are verified under its own roster, and it is
//! not compared with what this device has seen.

use super::parsed::check_blocks;
use super::session::unsealed;
use super::{Purpose, Session, Unread, block, slot};
use crate::error::{Error, Kind, Result};
use crate::file::{Block, BlockStatement, File};
use crate::identity::FingerprintKey;
use crate::item::Content;
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::roster::{Right, Roster, UnprovenRoster};
use crate::signature::Hash;

/// A file at some time, without verified signatures.
#[derive(Debug)]
pub struct UnprovenSnapshot {
    file: File,
    roster: UnprovenRoster,
}

/// A file whose roster is verified.
#[derive(Debug, Clone)]
pub struct Snapshot {
    file: File,
    roster: Roster,
}

/// What a user can see of an environment.
pub enum Sight {
    /// Everything, with values still unread.
    Content(Unread),
    /// Only the outline; the reason in words.
    Outline(String),
}

impl UnprovenSnapshot {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// An integrity error that says what is wrong.
    pub fn parse(bytes: Vec<u8>) -> Result<Self> {
        let mut file = File::parse(bytes)?;
        let roster = UnprovenRoster::fold(std::mem::take(&mut file.roster))?;
        Ok(Self { file, roster })
    }

    /// Returns the id that the file claims, which says whose keys may open it.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.roster.id()
    }

    /// Verifies the roster.
    ///
    /// # Errors
    /// An integrity error that says what is wrong.
    pub fn prove(self) -> Result<Snapshot> {
        Snapshot::new(self.file, self.roster.prove(None)?)
    }

    /// Verifies the roster, except the part that it shares with the `known` one.
    ///
    /// # Errors
    /// An integrity error that says what is wrong.
    pub(super) fn prove_beside(self, known: &Roster) -> Result<Snapshot> {
        Snapshot::new(self.file, self.roster.prove_beside(known)?)
    }
}

impl Snapshot {
    fn new(file: File, roster: Roster) -> Result<Self> {
        check_blocks(&file, &roster)?;
        Ok(Self { file, roster })
    }

    /// Returns the roster at that time: the users and their rights.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Returns the encrypted environments, which are not verified yet.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.file.blocks
    }

    /// Checks what can be seen of the users' slots without any key.
    ///
    /// # Errors
    /// An integrity error for the first slot that is wrong.
    pub(super) fn check_slots(&self) -> Result<()> {
        let users = &self.roster.state().users;
        self.file.slots.iter().filter(|slot| users.contains_key(&slot.user)).try_for_each(slot::check)
    }

    /// Returns the environments, by name.
    pub fn environments(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.roster.state().environments.keys()
    }

    /// Returns the signed statement of an environment, after verifying its signature and right.
    ///
    /// # Errors
    /// An integrity error if the block is not valid.
    pub fn statement(&self, name: &EnvironmentName) -> Result<Option<&BlockStatement>> {
        let Some(block) = self.file.block(name) else { return Ok(None) };
        block::verify(&self.roster, block)?;
        Ok(Some(&block.statement))
    }

    /// Returns whether an environment is identical in both snapshots, or in neither of them.
    #[must_use]
    pub(crate) fn has_same(&self, other: &Self, name: &EnvironmentName) -> bool {
        self.file.block(name) == other.file.block(name)
    }
}

impl Session {
    /// Returns the key for this user's fingerprints of values.
    ///
    /// # Errors
    /// An unlock error if the agent has stopped.
    pub(super) fn fingerprint_key(&self) -> Result<FingerprintKey> {
        self.keys.fingerprint_key()
    }

    /// Returns this session's file as a snapshot, of which these environments are looked at next, or all of them if none
    /// is named. A refusal is logged for each of them that the user may read.
    ///
    /// # Errors
    /// An integrity error if the file has an unresolved merge.
    pub fn snapshot(&self, chosen: &[EnvironmentName]) -> Result<Snapshot> {
        self.vault.check_merged().map_err(|error| self.refused_snapshot(chosen, error))?;
        Ok(Snapshot { file: self.vault.file.clone(), roster: self.vault.roster.clone() })
    }

    /// Verifies another file and returns it as [`Session::snapshot`] does.
    ///
    /// # Errors
    /// An integrity error if the file is not valid.
    pub fn snapshot_of(&self, file: Result<UnprovenSnapshot>, chosen: &[EnvironmentName]) -> Result<Snapshot> {
        let proven = file.and_then(|file| file.prove_beside(&self.vault.roster));
        proven.map_err(|error| self.refused_snapshot(chosen, error))
    }

    fn refused_snapshot(&self, chosen: &[EnvironmentName], error: Error) -> Error {
        let wanted = |name: &EnvironmentName| chosen.is_empty() || chosen.contains(name);
        self.log_refused_file(&Purpose::for_action(Action::Diff), wanted, error)
    }

    /// Decrypts an environment of a snapshot with this user's keys, including earlier keys. Returns only the outline if
    /// the user may not read the environment now, could not read it then, or if its author saved something that nobody
    /// can read. A refusal is logged.
    ///
    /// # Errors
    /// An integrity error if the signature or right is not valid; an unlock error if the agent has stopped.
    pub fn look(&self, snapshot: &Snapshot, name: &EnvironmentName) -> Result<Sight> {
        let seen = self.sight(snapshot, name);
        seen.map_err(|error| self.log_refused_use(&Purpose::for_action(Action::Diff), name, error))
    }

    fn sight(&self, snapshot: &Snapshot, name: &EnvironmentName) -> Result<Sight> {
        let Some(block) = snapshot.file.block(name) else {
            return Ok(Sight::Content(Unread::new(self, name.clone(), Content::default())));
        };
        let (dearmored, _) = block::verify(&snapshot.roster, block)?;
        let user = self.user();
        let is_there_now = self.vault.roster.state().environments.contains_key(name);
        if is_there_now && self.check_right(name, Right::Read).is_err() {
            return Ok(Sight::Outline(format!("{user} may not read it")));
        }
        match self.opened(snapshot, block, dearmored.bytes) {
            Ok(Some(content)) => Ok(Sight::Content(Unread::new(self, name.clone(), content))),
            Ok(None) => Ok(Sight::Outline(format!("it was not encrypted for {user} then"))),
            Err(error) if error.kind() == Kind::Integrity => {
                let author = &block.statement.author;
                Ok(Sight::Outline(format!("what {author} saved there can't be read")))
            }
            Err(error) => Err(error),
        }
    }

    fn opened(&self, snapshot: &Snapshot, block: &Block, bytes: Vec<u8>) -> Result<Option<Content>, Error> {
        let id = snapshot.roster.id();
        let readers = snapshot.roster.state().environment(&block.statement.name)?.grants.keys();
        let place = readers.take_while(|reader| *reader != self.user()).count();
        let Some(plaintext) = self.keys.open(bytes, place, &id)? else { return Ok(None) };
        unsealed(&plaintext, &block.statement, &id).map(Some)
    }
}
