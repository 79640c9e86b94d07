//! What this device has seen of a vault, so that an older or a forked file is noticed (vault-format(5), "Freshness").
//!
//! `marks.json` holds the highest roster and, per environment, the highest version; `roster.toml` the roster itself;
//! `accepted` the hashes of the last statements that were accepted here, 32 bytes each.
//!
//! Only what is known of a new roster waits for the disk. That an environment has a new version doesn't, because it would
//! take two more flushes for each change: their writing is begun before the file gets its name, and what a power cut can
//! take is the mark of the last version, which the next look at the vault sets again.

mod pin;

pub use pin::Pin;

use crate::error::{Error, Result};
use crate::file;
use crate::fs::{self, Durability, Lock};
use crate::identity::{Head, Identity, PrivateKeys};
use crate::name::{EnvironmentName, UserName};
use crate::roster::Roster;
use crate::signature::{Hash, Message, Signature, VerifyingKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many accepted statements are remembered at least.
pub const MAX_ACCEPTED: usize = 10_000;
/// The length of a hash, in bytes.
const HASH: usize = 32;
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_MARKS: usize = 1024 * 1024;

/// The highest that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// Whether the vault was inside a git work tree when it was first seen here.
    pub git: bool,
    /// The highest roster.
    pub roster: Head,
    /// Per environment the highest version.
    pub environments: BTreeMap<EnvironmentName, Seen>,
    /// Per user the roster whose every signature was verified with that user's keys at hand.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub verified: BTreeMap<UserName, VerifiedRoster>,
}

/// A roster that was verified before, in the words of somebody who holds the user's keys: so it counts even where others
/// write the state, as they do to the cache of a CI job. It is said twice: what the keys themselves can check costs next
/// to nothing, and where the agent holds them there is only the public one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifiedRoster {
    /// Its last change.
    pub head: Head,
    /// [`crate::identity::PrivateKeys::voucher`] of it.
    pub voucher: Hash,
    /// The user's signature over [`VerifiedRoster::message`].
    pub signature: Signature,
}

impl VerifiedRoster {
    /// Vouches for a roster.
    #[must_use]
    pub fn new(vault: &Hash, head: Head, keys: &PrivateKeys) -> Self {
        Self { head, voucher: keys.voucher(vault, head), signature: keys.sign(&Self::message(vault, head)) }
    }

    /// What is signed: `vault/verified-roster/v1`.
    #[must_use]
    pub fn message(vault: &Hash, head: Head) -> Message {
        let mut message = Message::new("vault/verified-roster/v1");
        message.raw(vault.as_bytes()).integer(head.version).raw(head.hash.as_bytes());
        message
    }
}

/// The highest version of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The roster version that added the environment: one of the same name added later starts anew.
    pub added: u32,
    /// The version.
    pub version: u32,
    /// The hash of its statement.
    pub hash: Hash,
}

impl Marks {
    /// The roster that was verified with this very identity at hand, if its keys say so.
    #[must_use]
    pub fn vouched_by(&self, identity: &Identity) -> Option<Head> {
        let VerifiedRoster { head, voucher, .. } = self.verified.get(&identity.user)?;
        identity.keys.vouched(&identity.vault, *head, voucher).then_some(*head)
    }

    /// The roster that was verified with the keys at hand of which this is the public one.
    #[must_use]
    pub fn signed_by(&self, vault: &Hash, user: &UserName, key: &VerifyingKey) -> Option<Head> {
        let VerifiedRoster { head, signature, .. } = self.verified.get(user)?;
        key.verifies(&VerifiedRoster::message(vault, *head), signature).then_some(*head)
    }

    fn new(git: bool, roster: &Roster, environments: BTreeMap<EnvironmentName, Seen>) -> Self {
        Self { git, roster: roster.head(), environments, verified: BTreeMap::new() }
    }
}

/// Where the marks of one vault are kept.
#[derive(Debug, Clone)]
pub struct Store {
    directory: PathBuf,
}

impl Store {
    /// The marks in this vault's state directory.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// What was seen so far; `None` at the first time.
    ///
    /// # Errors
    /// An integrity error if the marks were damaged.
    pub fn load(&self) -> Result<Option<Marks>> {
        let path = self.directory.join("marks.json");
        let bytes = fs::read_if_there(&path, MAX_MARKS).map_err(fs::name_elsewhere)?;
        let Some(bytes) = bytes else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|_| damaged(&path))
    }

    /// The highest roster seen: the evidence behind the mark.
    ///
    /// # Errors
    /// An integrity error if it is missing, damaged or not the one that is marked.
    pub fn highest_roster(&self, marks: &Marks) -> Result<Roster> {
        let path = self.directory.join("roster.toml");
        let bytes = fs::read(&path, file::MAX_FILE)?.0;
        let text = std::str::from_utf8(&bytes).map_err(|_| damaged(&path))?;
        let roster = Roster::verify(file::roster_from_text(text)?, Some(marks.roster))?;
        // It may have been raised since the marks were read.
        if roster.contains(marks.roster) { Ok(roster) } else { Err(damaged(&path)) }
    }

    /// Whether this very statement was accepted here before.
    ///
    /// # Errors
    /// If the list can't be read.
    pub fn was_accepted(&self, statement: &Hash) -> Result<bool> {
        Ok(self.accepted()?.chunks_exact(HASH).any(|hash| hash == statement.as_bytes()))
    }

    /// Raises the marks to what was read back from a file; never lowers one.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn raise(&self, roster: &Roster, blocks: &BTreeMap<EnvironmentName, Seen>, git: bool) -> Result<()> {
        let lock = self.lock()?;
        let old = self.load()?;
        let mut new = old.clone().unwrap_or_else(|| Marks::new(git, roster, BTreeMap::new()));
        if roster.contains(new.roster) {
            new.roster = roster.head();
        }
        for (name, seen) in blocks {
            let mark = new.environments.entry(name.clone()).or_insert(*seen);
            if (seen.added, seen.version) > (mark.added, mark.version) {
                *mark = *seen;
            }
        }
        self.write(&lock, old.as_ref(), &new, roster, blocks)
    }

    /// Sets the marks to this file, lower or not: a person has said so.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn accept(&self, roster: &Roster, blocks: &BTreeMap<EnvironmentName, Seen>, git: bool) -> Result<()> {
        let lock = self.lock()?;
        // Where it was seen first stays what it was: a `.git` planted since would turn later refusals into warnings.
        let git = self.load()?.map_or(git, |old| old.git);
        self.write(&lock, None, &Marks::new(git, roster, blocks.clone()), roster, blocks)
    }

    /// Remembers that this roster was verified with the user's keys at hand.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn remember_verified(&self, roster: &Roster, identity: &Identity, git: bool) -> Result<()> {
        let lock = self.lock()?;
        let old = self.load()?;
        let mut new = old.clone().unwrap_or_else(|| Marks::new(git, roster, BTreeMap::new()));
        let verified = VerifiedRoster::new(&roster.id(), roster.head(), &identity.keys);
        new.verified.insert(identity.user.clone(), verified);
        self.write(&lock, old.as_ref(), &new, roster, &BTreeMap::new())
    }

    /// Keeps something beside the marks that costs a question at most when it is lost.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.replace(&self.lock()?, name, bytes, Durability::Begun)
    }

    fn lock(&self) -> Result<Lock> {
        fs::create_state_directory(&self.directory)?;
        Lock::of_private_directory(&self.directory, LOCK_TIMEOUT)
    }

    /// Evidence first: a crash in between leaves marks that are lower than what is known, never higher.
    fn write(
        &self,
        lock: &Lock,
        old: Option<&Marks>,
        new: &Marks,
        roster: &Roster,
        blocks: &BTreeMap<EnvironmentName, Seen>,
    ) -> Result<()> {
        if old == Some(new) {
            return Ok(());
        }
        self.remember(lock, blocks.values().map(|seen| seen.hash))?;
        let mut durability = Durability::Begun;
        if new.roster == roster.head() && old.is_none_or(|old| old.roster != new.roster) {
            durability = Durability::Waited;
            self.replace(lock, "roster.toml", file::roster_to_text(roster.statements()).as_bytes(), durability)?;
        }
        let json = serde_json::to_vec(new).map_err(|_| Error::failed("the marks can't be written"))?;
        self.replace(lock, "marks.json", &json, durability)
    }

    /// Appended, so that it takes no flush: what a power cut leaves of one hash is no hash.
    fn remember(&self, lock: &Lock, hashes: impl Iterator<Item = Hash>) -> Result<()> {
        let list = self.accepted()?;
        let known: std::collections::HashSet<[u8; HASH]> =
            list.chunks_exact(HASH).filter_map(|hash| hash.try_into().ok()).collect();
        let new: Vec<u8> = hashes.map(|hash| *hash.as_bytes()).filter(|hash| !known.contains(hash)).flatten().collect();
        if new.is_empty() {
            return Ok(());
        }
        if list.len() + new.len() > 2 * MAX_ACCEPTED * HASH {
            let whole = list.len() - list.len() % HASH;
            let all = [&list[..whole], &new].concat();
            let surplus = all.len() - MAX_ACCEPTED * HASH;
            return self.replace(lock, "accepted", &all[surplus..], Durability::Waited);
        }
        fs::append_records(&self.directory.join("accepted"), &new, HASH as u64)
    }

    fn accepted(&self) -> Result<Vec<u8>> {
        Ok(fs::read_if_there(&self.directory.join("accepted"), 2 * MAX_ACCEPTED * HASH + HASH)?.unwrap_or_default())
    }

    fn replace(&self, lock: &Lock, name: &str, bytes: &[u8], durability: Durability) -> Result<()> {
        let before = fs::open_if_there(&self.directory.join(name))?;
        lock.replace(Path::new(name), bytes, before.map(|(_, metadata)| fs::Stamp::of(&metadata)), durability)
    }
}

fn damaged(path: &Path) -> Error {
    Error::integrity(format!("{} is damaged", path.display()))
        .hint("what this device had seen of the vault is lost; after looking at the vault, remove that file")
}
