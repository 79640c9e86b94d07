//! Stores the marks in files in the vault's state directory, written under its lock.

mod on_branches;
mod on_names;

use super::branches::{Branches, Highest, Observation, Sighting};
use super::{Marks, Seen, VerifiedRoster};
use crate::error::{Error, Result};
use crate::file;
use crate::fs::{self, Durability, Lock};
use crate::identity::Identity;
use crate::name::EnvironmentName;
use crate::roster::{Roster, UnprovenRoster};
use crate::signature::Hash;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The minimum number of accepted statements that are remembered.
const MAX_ACCEPTED: usize = 10_000;
/// The length of a hash, in bytes.
const HASH: usize = 32;
const MAX_MARKS: usize = 1024 * 1024;
const ROSTER: &str = "roster.toml";
const BRANCHES: &str = "branches.json";

/// The stored marks of one vault.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) directory: PathBuf,
}

impl Store {
    /// Returns the store in a vault's state directory.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Reads the marks; `None` if there are none yet.
    ///
    /// # Errors
    /// An integrity error if the marks are damaged.
    pub fn load(&self) -> Result<Option<Marks>> {
        let path = self.directory.join("marks.json");
        let bytes = fs::read_if_there(&path, MAX_MARKS).map_err(fs::name_elsewhere)?;
        let Some(bytes) = bytes else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|_| damaged(&path))
    }

    /// Reads and verifies the highest roster that was seen, which proves its mark.
    ///
    /// # Errors
    /// An integrity error if the roster is missing, damaged or not the marked one.
    pub fn highest_roster(&self, marks: &Marks) -> Result<Roster> {
        let path = self.directory.join(ROSTER);
        let roster = UnprovenRoster::fold(read_roster(&path)?)?.prove(Some(marks.roster))?;
        // Another process may have raised the roster since the marks were read.
        if roster.contains(marks.roster) { Ok(roster) } else { Err(damaged(&path)) }
    }

    /// Whether this very statement was accepted here before.
    ///
    /// # Errors
    /// If the list can't be read.
    pub fn was_accepted(&self, statement: &Hash) -> Result<bool> {
        Ok(self.accepted()?.chunks_exact(HASH).any(|hash| hash == statement.as_bytes()))
    }

    /// Raises the marks to the state of a file. Never lowers a mark, except for undone statements. In a git work tree,
    /// also records where the file was seen.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn raise(
        &self,
        roster: &Roster,
        blocks: &BTreeMap<EnvironmentName, Seen>,
        git: bool,
        observed: Option<&Observation<'_>>,
    ) -> Result<()> {
        let lock = self.lock()?;
        let old = self.load()?;
        let mut new = old.clone().unwrap_or_else(|| Marks::new(git, roster, BTreeMap::new()));
        let is_undone = |hash: &Hash| observed.is_some_and(|observed| observed.undone.contains(hash));
        if roster.contains(new.roster) || is_undone(&new.roster.hash) {
            new.roster = roster.head();
        }
        for (name, seen) in blocks {
            let mark = new.environments.entry(name.clone()).or_insert(*seen);
            if (seen.added, seen.version) > (mark.added, mark.version) || is_undone(&mark.hash) {
                *mark = *seen;
            }
        }
        if let Some(observed) = observed {
            let mut branches = self.branches()?;
            let before = branches.rosters();
            branches.note(observed, &new.hashes());
            let of_sides = observed.sides.iter().filter_map(|side| side.roster.as_ref());
            self.keep_rosters(
                &lock,
                observed.is_roster_fork.then_some(roster).into_iter().chain(of_sides),
                before,
                &branches,
            )?;
            if let Some(old) = old.as_ref().filter(|old| old.roster != new.roster && !roster.contains(old.roster)) {
                self.keep_parts(&lock, &self.highest_roster(old)?, roster, &branches)?;
            }
            let highest = |sighting: &Sighting| highest_of(sighting, old.as_ref(), &new, roster, blocks);
            new.forks = branches.cover(observed, &highest);
            new.clone = branches.only_clone();
            self.write_branches(&lock, &branches)?;
        }
        self.write(&lock, old.as_ref(), &new, roster, blocks)
    }

    /// Sets the marks to the state of a file, even if that lowers them, because a person accepted the file. Gives up
    /// everything from which the file does not descend.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn accept(
        &self,
        roster: &Roster,
        blocks: &BTreeMap<EnvironmentName, Seen>,
        git: bool,
        observed: Option<&Observation<'_>>,
    ) -> Result<()> {
        let lock = self.lock()?;
        // Keep the old value of `git`. A `.git` that somebody planted later would turn refusals into warnings.
        let old = self.load()?;
        let git = old.as_ref().map_or(git, |old| old.git);
        let (names, looked) = old.map(|old| (old.names, old.looked)).unwrap_or_default();
        let mut branches = self.branches()?;
        if observed.is_some() || branches != Branches::default() {
            branches.give_up(observed);
            self.write_branches(&lock, &branches)?;
        }
        let new = Marks { clone: branches.only_clone(), looked, names, ..Marks::new(git, roster, blocks.clone()) };
        self.write(&lock, None, &new, roster, blocks)
    }

    /// Records that a roster was verified while the user's keys were available.
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

    /// Records that a statement was accepted here.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn accept_statement(&self, statement: &Hash) -> Result<()> {
        self.remember(&self.lock()?, std::iter::once(*statement))
    }

    /// Stores a file next to the marks. It may be lost in a crash; then a command may have to ask a question again.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.replace(&self.lock()?, name, bytes, Durability::Begun)
    }

    pub(super) fn lock(&self) -> Result<Lock> {
        fs::create_state_directory(&self.directory)?;
        Lock::of_private_directory(&self.directory, fs::STATE_LOCK_TIMEOUT)
    }

    /// Writes the accepted hashes and the roster first, then the marks. A crash in between leaves marks that are too low,
    /// never too high.
    pub(super) fn write(
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
            self.replace(lock, ROSTER, file::roster_to_text(roster.statements()).as_bytes(), durability)?;
        }
        self.write_marks(lock, new, durability)
    }

    pub(super) fn write_marks(&self, lock: &Lock, marks: &Marks, durability: Durability) -> Result<()> {
        let json = serde_json::to_vec(marks)
            .map_err(|_| Error::failed("the record of what this device has seen can't be written"))?;
        self.replace(lock, "marks.json", &json, durability)
    }

    /// Adds hashes to the list of accepted statements. Appending takes no flush, because a part of a hash left by a power
    /// cut is ignored.
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

    pub(super) fn replace(&self, lock: &Lock, name: &str, bytes: &[u8], durability: Durability) -> Result<()> {
        let before = fs::open_if_there(&self.directory.join(name))?;
        lock.replace(
            Path::new(name),
            bytes,
            before.map(|(_, metadata)| fs::Stamp::from_metadata(&metadata)),
            durability,
        )
    }
}

/// Returns the highest statement of a sighting's kind; `None` if its environment does not exist any more.
fn highest_of(
    sighting: &Sighting,
    old: Option<&Marks>,
    new: &Marks,
    roster: &Roster,
    blocks: &BTreeMap<EnvironmentName, Seen>,
) -> Option<Highest> {
    let Some(name) = &sighting.environment else {
        let hash = new.roster.hash;
        let was_before = old.is_some_and(|old| old.roster.hash == hash);
        return Some(Highest { hash, was_before, is_files: roster.head().hash == hash });
    };
    let Seen { hash, .. } = *new.environments.get(name).filter(|mark| mark.added == sighting.added)?;
    let was_before = old.and_then(|old| old.environments.get(name)).is_some_and(|mark| mark.hash == hash);
    Some(Highest { hash, was_before, is_files: blocks.get(name).is_some_and(|seen| seen.hash == hash) })
}

fn read_roster(path: &Path) -> Result<Vec<crate::roster::Statement>> {
    let bytes = fs::read(path, file::MAX_FILE)?.0;
    let text = std::str::from_utf8(&bytes).map_err(|_| damaged(path))?;
    file::roster_from_text(text)
}

fn damaged(path: &Path) -> Error {
    Error::integrity(format!("{} is damaged", path.display()))
        .hint("the record of what this device has seen of the vault is lost; check the vault, then remove that file")
}
