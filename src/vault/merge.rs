//! Merging two files of a vault that went on from the same one.
//!
//! Each side is verified whole under its own roster before anything of it is used. An environment that only one side has
//! changed is taken as it stands there, and for that no key is needed. One that both have changed is decrypted, merged by
//! item ([`crate::merge`]), and encrypted and signed anew for the merged roster by whoever merges. A state that the other
//! side goes on from is older and no change, but for `git revert`.

mod again;
mod base;
mod doubt;
mod merged;
mod open;
mod parts;
mod read;
mod removed;
mod save;
mod side;

pub(super) use merged::Merged;
pub use open::{Beside, Opened};
pub use removed::HalfRemoved;
pub use save::Target;

use super::open::Location;
use super::{Settings, Vault};
use crate::error::{Error, Remedy, Result};
use crate::file::{Block, Slot};
use crate::merge::again::keep_one_file;
use crate::merge::{Applied, Names, Rosters, Side, check_same_vault};
use crate::name::{EnvironmentName, UserName};
use crate::ordered::Ordered as _;
use crate::roster::Roster;
use crate::signature::Hash;
pub(super) use parts::Part;
use parts::Stand;
pub(super) use side::SideFile;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

/// How many of those who can merge are named.
const MOST_NAMES: usize = 4;

/// The contents of the files that are merged.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    /// What both went on from; none where that isn't known.
    pub base: Option<Vec<u8>>,
    /// What HEAD has.
    pub ours: Vec<u8>,
    /// What is applied.
    pub theirs: Vec<u8>,
    /// What that is.
    pub applied: Applied,
    /// The commit or branch that has it, if git names one.
    pub applied_from: Option<String>,
    /// What the sides are called.
    pub names: Names,
}

/// A merge in progress: both sides are verified, and nothing is decrypted.
pub struct Merge {
    pub(super) location: Location,
    /// The run's own, with the pin, which holds for the merged file only.
    settings: Settings,
    base: Option<SideFile>,
    ours: SideFile,
    theirs: SideFile,
    rosters: Rosters,
    applied: Applied,
    applied_from: Option<String>,
    names: Names,
    /// How the sides of each environment stand to each other, once that was asked.
    stands: RefCell<BTreeMap<EnvironmentName, Stand>>,
    /// Which side somebody takes of environments that one of them has removed.
    decided: BTreeMap<EnvironmentName, Side>,
}

impl Merge {
    /// Begins with the contents; `path` is where the vault is.
    ///
    /// # Errors
    /// An integrity error that names the side which is not valid, or that the sides are different vaults.
    pub fn begin(path: &Path, versions: Versions, settings: &Settings) -> Result<Self> {
        Self::begin_at(Location::of(path)?, versions, settings)
    }

    pub(super) fn begin_at(location: Location, versions: Versions, settings: &Settings) -> Result<Self> {
        let Versions { base, ours, theirs, applied, applied_from, names } = versions;
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
            settings,
            base: None,
            ours,
            theirs,
            rosters,
            applied,
            applied_from,
            names,
            stands,
            decided,
        };
        // git hands an empty file over where the sides have nothing in common.
        if let Some(bytes) = base.filter(|bytes| !bytes.is_empty()) {
            merge.base = match merge.read_base(bytes) {
                // Of branches that merged each other git makes a base itself, with its markers in it.
                Err(_) if applied != Applied::File => None,
                base => Some(base?),
            };
        }
        Ok(merge)
    }

    /// What both sides went on from, verified.
    fn read_base(&self, bytes: Vec<u8>) -> Result<SideFile> {
        let (ours, what) = (&self.ours.vault.roster, "what both sides started from");
        let base = SideFile::read(bytes, what, Some(ours), &self.location, &of_sides(&self.settings, self.applied))?;
        check_same_vault(&base.vault.roster, ours)?;
        Ok(base)
    }

    /// What the change being applied is.
    #[must_use]
    pub fn applied(&self) -> Applied {
        self.applied
    }

    /// What the sides are called.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The roster of a side.
    #[must_use]
    pub fn roster_of(&self, side: Side) -> &Roster {
        &self.side(side).vault.roster
    }

    /// The side as a vault, to be unlocked for this merge.
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

    /// Whether a side has an environment just as the base has it.
    pub(super) fn is_as_in_base(&self, side: Side, name: &EnvironmentName) -> bool {
        let before = self.base.as_ref().and_then(|base| base.hash(name));
        before.is_some() && before == self.side(side).hash(name)
    }

    /// The environments that both sides have changed.
    pub fn changed_on_both(&self) -> impl Iterator<Item = &EnvironmentName> {
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

    /// Where each environment of the merged roster comes from.
    fn parts(&self, merged: &Merged) -> Result<BTreeMap<EnvironmentName, Part>> {
        let names = merged.roster.state().environments.keys();
        names.map(|name| Ok((name.clone(), self.part(merged, name)?))).try_ordered()
    }

    /// The slots of both sides, for the users and keys of this roster.
    pub(super) fn slots(&self, roster: &Roster) -> Vec<Slot> {
        let mut slots: Vec<Slot> = Vec::new();
        for side in Side::BOTH {
            let vault = &self.side(side).vault;
            for slot in &vault.file.slots {
                let keys_in = |roster: &Roster| roster.state().users.get(&slot.user).map(|user| user.keys.clone());
                let is_current = keys_in(roster).is_some() && keys_in(roster) == keys_in(&vault.roster);
                if is_current && side::has_room(&slots, slot) {
                    slots.push(slot.clone());
                }
            }
        }
        slots
    }
}

/// A pin holds for the merged file only, and so does a warning of what is missing: an older side is what a merge is for. Files that somebody named may be older than
/// all that was seen here.
pub(super) fn of_sides(settings: &Settings, applied: Applied) -> Settings {
    Settings { pin: None, looks_back: applied == Applied::File, is_side: true, ..settings.clone() }
}

/// The step that takes all of an environment from a side.
fn taking(side: Side, name: &EnvironmentName) -> Remedy {
    match side {
        Side::Ours => Remedy::TakeOurs(name.to_string()),
        Side::Theirs => Remedy::TakeTheirs(name.to_string()),
    }
}

/// Who may write an environment, in words.
pub(super) fn writers(roster: &Roster, name: &EnvironmentName) -> String {
    let environment = roster.state().environments.get(name);
    let names = environment.into_iter().flat_map(|of| of.grants.keys().filter(|user| of.writes(user)));
    let names: Vec<&str> = names.map(UserName::as_str).collect();
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

/// The same refusal for whoever lacks the right that merging an environment takes.
fn not_by(error: &Error, roster: &Roster, name: &EnvironmentName) -> Error {
    let error = Error::denied(format!("{name} must be merged, and {error}"));
    match writers(roster, name) {
        names if names.is_empty() => error.hint(keep_one_file()),
        names => error.hint(format!("{names} can merge: they write {name}")),
    }
}

/// Puts a file back in the place of the vault, as git has it.
///
/// # Errors
/// If the vault is no longer the file that `stamp` is of, or it can't be written.
pub fn put_back(path: &Path, bytes: &[u8], stamp: crate::fs::Stamp) -> Result<()> {
    let location = Location::of(path)?;
    let lock = crate::fs::Lock::of_file(&location.real, crate::fs::LOCK_TIMEOUT)?;
    super::seal::replace(&lock, &location.real, bytes, Some(stamp))
}
