//! Merges two files of a vault that have a common ancestor.
//!
//! Each side is verified whole under its own roster before anything in it is used. An environment that only one side
//! has changed is copied from there, which needs no key. An environment that both have changed is decrypted, merged by
//! item ([`crate::merge`]), and encrypted and signed again for the merged roster by the user who merges. If one side is
//! an ancestor of the other, it is older and does not count as a change, except after `git revert`.

mod again;
mod base;
mod conflicted;
mod decisions;
mod doubt;
mod merged;
mod open;
mod part;
mod parts;
mod read;
mod refused;
mod removed;
mod save;
mod target;
#[cfg(test)]
mod tests;
mod unlocked;

pub use conflicted::{Abort, Conflicted, Unresolved};
pub use decisions::Decisions;
pub(super) use merged::Merged;
pub use open::{Beside, Opened};
pub use removed::HalfRemoved;
pub(super) use target::Target;

use super::location::Location;
use super::side::{SideFile, of_sides};
use super::{Settings, Vault, Versions};
use crate::error::{Error, Remedy, Result};
use crate::file::{Block, MAX_KEY_SLOTS, Slot, SlotKind};
use crate::merge::again::keep_one_file;
use crate::merge::{Applied, Names, Rosters, Side, Subject, check_same_vault};
use crate::name::{EnvironmentName, UserName};
use crate::ordered::Ordered as _;
use crate::output;
use crate::roster::{Environment, Roster};
use crate::signature::Hash;
pub(super) use part::Part;
use part::Stand;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

/// The number of users named in a hint about who can merge.
const MOST_NAMES: usize = 4;

/// A merge in progress: both sides are verified, and nothing is decrypted.
pub struct Merge {
    pub(super) location: Location,
    /// Where the result is written.
    target: Target,
    /// The settings of this run, with the pin, which applies to the merged file only.
    settings: Settings,
    base: Option<SideFile>,
    ours: SideFile,
    theirs: SideFile,
    rosters: Rosters,
    applied: Applied,
    applied_from: Option<String>,
    names: Names,
    /// Whether git merges on its own.
    is_by_driver: bool,
    /// How the sides of each environment relate, as far as that has been determined.
    stands: RefCell<BTreeMap<EnvironmentName, Stand>>,
    /// The side that the user chose for each environment that one side has removed or that can't be read.
    decided: BTreeMap<EnvironmentName, Side>,
}

impl Merge {
    /// Begins a merge of three files: the common ancestor, this side and the other side. The result is written to the
    /// file `output`. It may be older than the vault on this device, because it does not replace a vault.
    ///
    /// # Errors
    /// If one of the files can't be read, or `output` is a vault; an integrity error that names the invalid side, or that
    /// says that the sides are different vaults.
    pub fn of_files(files: [&Path; 3], output: &Path, settings: &Settings) -> Result<Self> {
        output::check(output)?;
        let (location, target) = (Location::resolve(files[1])?, Target::Separate(output.to_owned()));
        Self::begin(location, Versions::of_files(files)?, target, settings)
    }

    /// Begins a merge as git's merge driver, from what git calls it with (see gitattributes(5)): the `files` are `%O`, `%A`
    /// and `%B`, `path` is `%P`, and the `labels` are `%S`, `%X` and `%Y`, in this order. The result replaces `%A`, the
    /// second file. An older git has no labels: it passes none, or the placeholders unchanged.
    ///
    /// # Errors
    /// If one of the files can't be read; an integrity error as for [`Merge::of_files`].
    pub fn of_driver(files: [&Path; 3], path: &Path, labels: &[OsString], settings: &Settings) -> Result<Self> {
        // git names the path in the commits. There is no file if it was renamed, or in a bare repository.
        let path = if path.exists() { path } else { files[1] };
        let (versions, stamp) = Versions::of_driver(files, path, labels)?;
        Self::begin(Location::resolve(path)?, versions, Target::Driver(files[1].to_owned(), stamp), settings)
    }

    /// Begins a merge that gets back what the vault had at a commit and has lost: what a merge or a revert has dropped.
    ///
    /// # Errors
    /// A usage error if there is no such commit; a not-found error if it does not have the file; an error if the vault
    /// changed in the meantime; an integrity error as for [`Merge::of_files`].
    pub fn of_commit(vault: &Vault, commit: &str, settings: &Settings) -> Result<Self> {
        let (versions, stamp) = vault.versions_from(commit)?;
        Self::begin(vault.location.clone(), versions, Target::Vault(stamp), settings)
    }

    /// Begins a merge of these contents, whose result is written to the target.
    pub(super) fn begin(location: Location, versions: Versions, target: Target, settings: &Settings) -> Result<Self> {
        let Versions { base, ours, theirs, applied, applied_from, names, is_by_driver } = versions;
        let settings = settings.clone();
        let read = |bytes, side, known: Option<&Roster>| {
            SideFile::read(bytes, &names.words(side), known, &location, &of_sides(&settings, applied))
        };
        let ours = read(ours, Side::Ours, None)?;
        let theirs = read(theirs, Side::Theirs, Some(&ours.vault.roster))?;
        let rosters = Rosters::compare(&ours.vault.roster, &theirs.vault.roster)?;
        let (stands, decided) = Default::default();
        let mut merge = Self {
            location,
            target,
            settings,
            base: None,
            ours,
            theirs,
            rosters,
            applied,
            applied_from,
            names,
            is_by_driver,
            stands,
            decided,
        };
        // git passes an empty file if the sides have no common ancestor.
        if let Some(bytes) = base.filter(|bytes| !bytes.is_empty()) {
            merge.base = match merge.read_base(bytes) {
                // If the branches have merged each other before, git builds a base itself, with conflict markers in it.
                Err(_) if applied != Applied::File => None,
                base => Some(base?),
            };
        }
        Ok(merge)
    }

    /// Reads and verifies the common ancestor.
    fn read_base(&self, bytes: Vec<u8>) -> Result<SideFile> {
        let (ours, what) = (&self.ours.vault.roster, "what both sides started from");
        let base = SideFile::read(bytes, what, Some(ours), &self.location, &of_sides(&self.settings, self.applied))?;
        check_same_vault(&base.vault.roster, ours)?;
        Ok(base)
    }

    /// Returns what git is applying.
    #[must_use]
    pub(crate) fn applied(&self) -> Applied {
        self.applied
    }

    /// Returns the names of the two sides.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Returns the name of the vault's file.
    #[must_use]
    pub fn file_name(&self) -> String {
        let path = &self.location.asked;
        path.file_name().map_or(path.as_path(), Path::new).display().to_string()
    }

    /// Returns the roster of a side.
    #[must_use]
    pub fn roster_of(&self, side: Side) -> &Roster {
        &self.side(side).vault.roster
    }

    /// Returns a side as a vault, to be unlocked for this merge.
    #[must_use]
    pub fn vault(&self, side: Side) -> Vault {
        let slots = self.slots(self.roster_of(side));
        self.side(side).as_vault(slots)
    }

    pub(super) fn block_of(&self, side: Side, name: &EnvironmentName) -> Result<&Block> {
        Ok(self.side(side).sealed(name)?.0)
    }

    pub(super) fn blocks_of(&self, side: Side) -> &[Block] {
        &self.side(side).vault.file.blocks
    }

    pub(super) fn hash_of(&self, side: Side, name: &EnvironmentName) -> Option<Hash> {
        self.side(side).hash(name)
    }

    /// Returns whether a side has an environment exactly as the base has it.
    pub(super) fn is_as_in_base(&self, side: Side, name: &EnvironmentName) -> bool {
        let before = self.base.as_ref().and_then(|base| base.hash(name));
        before.is_some() && before == self.side(side).hash(name)
    }

    /// Returns the environments that both sides have changed.
    pub(crate) fn changed_on_both(&self) -> impl Iterator<Item = &EnvironmentName> {
        let before = |name: &EnvironmentName| self.base.as_ref().and_then(|base| base.hash(name));
        self.ours.names().filter(move |name| {
            let (ours, theirs) = (self.ours.hash(name), self.theirs.hash(name));
            theirs.is_some() && ours != theirs && before(name) != ours && before(name) != theirs
        })
    }

    fn side(&self, side: Side) -> &SideFile {
        match side {
            Side::Ours => &self.ours,
            Side::Theirs => &self.theirs,
        }
    }

    /// Returns where each environment of the merged roster comes from.
    fn parts(&self, merged: &Merged) -> Result<BTreeMap<EnvironmentName, Part>> {
        let names = merged.roster.state().environments.keys();
        names.map(|name| Ok((name.clone(), self.part(merged, name)?))).try_ordered()
    }

    /// Returns the slots of both sides that belong to users and keys of this roster.
    pub(super) fn slots(&self, roster: &Roster) -> Vec<Slot> {
        let mut slots: Vec<Slot> = Vec::new();
        for side in Side::BOTH {
            let vault = &self.side(side).vault;
            for slot in &vault.file.slots {
                let keys_in = |roster: &Roster| roster.state().users.get(&slot.user).map(|user| user.keys.clone());
                let is_current = keys_in(roster).is_some() && keys_in(roster) == keys_in(&vault.roster);
                if is_current && has_room(&slots, slot) {
                    slots.push(slot.clone());
                }
            }
        }
        slots
    }
}

/// Returns whether a slot is not in the list, and its user may have one more.
fn has_room(slots: &[Slot], slot: &Slot) -> bool {
    let of_user = || slots.iter().filter(|known| known.user == slot.user);
    let is_passphrase = |slot: &Slot| slot.kind == SlotKind::Passphrase;
    let count = of_user().filter(|known| is_passphrase(known) == is_passphrase(slot)).count();
    let most = if is_passphrase(slot) { 1 } else { MAX_KEY_SLOTS };
    count < most && of_user().all(|known| known != slot)
}

/// Returns the step that takes the whole environment from a side.
fn taking(side: Side, name: &EnvironmentName) -> Remedy {
    let all = Subject::All(name.clone()).to_string();
    match side {
        Side::Ours => Remedy::TakeOurs(all),
        Side::Theirs => Remedy::TakeTheirs(all),
    }
}

/// Names the users who may write an environment.
pub(super) fn writers(roster: &Roster, name: &EnvironmentName) -> String {
    let environment = roster.state().environments.get(name);
    let names: Vec<&str> = environment.into_iter().flat_map(Environment::writers).map(UserName::as_str).collect();
    match &names[..] {
        [most @ .., last] if most.len() < MOST_NAMES => match most {
            [] => (*last).to_owned(),
            most => format!("{} or {last}", most.join(", ")),
        },
        names => match names.get(..MOST_NAMES) {
            Some(first) => format!("{} or {} more", first.join(", "), names.len() - MOST_NAMES),
            None => String::new(),
        },
    }
}

/// Returns the error for a user who lacks the write right that merging an environment takes.
fn not_by(error: &Error, roster: &Roster, name: &EnvironmentName) -> Error {
    let error = Error::denied(format!("{name} must be merged, and {error}"));
    match writers(roster, name) {
        names if names.is_empty() => error.hint(keep_one_file()),
        names => error.hint(format!("{names} can merge: they write {name}")),
    }
}

/// Puts a file back in place of the vault, with the bytes that git has.
///
/// # Errors
/// If the vault is no longer the file of `stamp`, or can't be written.
fn put_back(path: &Path, bytes: &[u8], stamp: crate::fs::Stamp) -> Result<()> {
    let location = Location::resolve(path)?;
    let lock = crate::fs::Lock::of_file(&location.real, crate::fs::LOCK_TIMEOUT)?;
    super::seal::replace(&lock, &location.real, bytes, Some(stamp))
}
