//! Reads a file that git could not merge. Both sides are available: between git's markers in the file, or in git's
//! index. What only one of them has changed can be read. Nothing can be saved before the file is merged.

use super::location::Location;
use super::merge::{Merge, Merged, Part, Target, writers};
use super::parsed::Parsed;
use super::{Settings, Unproven, Vault, Versions};
use crate::error::{Error, Reason, Remedy, Result};
use crate::file::{Block, File, Relation};
use crate::fs::Stamp;
use crate::merge::{Applied, Side};
use crate::name::EnvironmentName;
use crate::roster::Roster;
use crate::signature::Hash;
use std::collections::BTreeSet;

/// The content of such a file.
pub(super) struct Unmerged {
    /// The longer roster, the slots of both sides, and a block for each environment.
    pub file: File,
    /// The environments that both sides have changed. Their blocks must not be used.
    pub open: BTreeSet<EnvironmentName>,
}

impl Unmerged {
    /// Checks whether a file is unmerged; `bytes` is its content.
    ///
    /// # Errors
    /// An integrity error if it has git's markers but not two valid sides.
    pub fn find(bytes: &[u8], stamp: Stamp, location: &Location, settings: &Settings) -> Result<Option<Self>> {
        let has_markers = memchr::memchr2(b'<', b'>', bytes).is_some();
        let versions = match Versions::of_index(location) {
            Some(versions) => versions,
            // If the rosters differ, the markers alone don't tell which lines belong to which side, and the file is refused.
            None if has_markers => match Versions::of_markers(bytes) {
                Some(versions) => versions,
                None => return Ok(None),
            },
            None => return Ok(None),
        };
        let is_ours = bytes == versions.ours;
        let merge = Merge::begin(location.clone(), versions, Target::Vault(stamp), settings).map_err(|_| refusal())?;
        // If the file is the one of this branch, it has nothing from the other side, whatever its ancestors are.
        let is_merged = || if is_ours { merge.comes_to_ours() } else { merge.is_merged_in(bytes, settings) };
        if !has_markers && is_merged() {
            return Ok(None);
        }
        merge.unmerged().map(Some).map_err(|_| refusal())
    }
}

impl Merge {
    /// Returns what can be read until the sides are merged.
    fn unmerged(&self) -> Result<Unmerged> {
        let side = self.rosters().standing().unwrap_or(Side::Ours);
        let roster = self.roster_of(side);
        let merged = Merged::new(roster.clone());
        let (mut blocks, mut open) = (Vec::new(), BTreeSet::new());
        for name in roster.state().environments.keys() {
            let (taken, is_open) = match self.part(&merged, name)? {
                Part::Taken(side) => (side, false),
                Part::Renewed(side) => (side, true),
                Part::Merged => (side, true),
            };
            blocks.push(self.block_of(taken, name)?.clone());
            if is_open {
                open.insert(name.clone());
            }
        }
        Ok(Unmerged { file: File { roster: roster.statements().to_vec(), slots: self.slots(roster), blocks }, open })
    }

    /// Returns whether there is nothing to take from the other side.
    fn comes_to_ours(&self) -> bool {
        if self.rosters().standing() != Some(Side::Ours) || !self.removed().is_empty() {
            return false;
        }
        let merged = Merged::new(self.roster_of(Side::Ours).clone());
        let is_ours = |name| self.part(&merged, name).is_ok_and(|part| part == Part::Taken(Side::Ours));
        merged.roster.state().environments.keys().all(is_ours)
    }

    /// Returns whether a file descends from both sides, so that it is merged and git just does not know yet.
    #[must_use]
    pub(crate) fn is_merged_in(&self, bytes: &[u8], settings: &Settings) -> bool {
        let Ok(merged) = Parsed::read(bytes.to_vec(), Stamp::none(), settings) else {
            return false;
        };
        let Ok(merged) = merged.fold(&self.location, settings).and_then(Unproven::prove_of_any_age) else {
            return false;
        };
        Side::BOTH.into_iter().all(|side| self.goes_on_from(&merged, side))
    }

    fn goes_on_from(&self, merged: &Vault, side: Side) -> bool {
        let own = self.roster_of(side);
        let is_change = side == Side::Theirs && matches!(self.applied(), Applied::Change | Applied::Revert);
        let shared = own.shared_with(&merged.roster);
        let added_in =
            |roster: &Roster, name: &EnvironmentName| roster.state().environments.get(name).map(|of| of.added);
        let was_replaced = |name: &EnvironmentName| {
            added_in(own, name).is_some_and(|added| added <= shared)
                && added_in(&merged.roster, name).is_some_and(|added| added > shared)
        };
        let follows = |block: &Block| {
            let name = &block.statement.name;
            // An environment that the change left as it was is not part of the change.
            if is_change && self.is_as_in_base(side, name) {
                return true;
            }
            let Some(new) = merged.file.block(name) else { return !merged.environments().any(|known| known == name) };
            // A different environment has this name now; the old one was removed with its content.
            if was_replaced(name) {
                return true;
            }
            let (Ok(new_hash), Some(hash)) = (new.dearmor(&merged.id()), self.hash_of(side, name)) else {
                return false;
            };
            if is_change && self.comes_alone(name).unwrap_or_default() {
                // While the merge is unresolved, only a merge can save on top of this branch's state.
                return self.saved_on_ours(new, &new_hash.hash);
            }
            let relation = new.statement.relation(&new_hash.hash, (block.statement.version, &hash));
            matches!(relation, Relation::Same | Relation::GoesOn | Relation::CannotTell { .. })
        };
        let has_all = merged.roster.extends(own) || merged.roster.includes(own).unwrap_or_default();
        has_all && self.blocks_of(side).iter().all(follows)
    }

    fn saved_on_ours(&self, new: &Block, hash: &Hash) -> bool {
        let name = &new.statement.name;
        let (Ok(ours), Some(before)) = (self.block_of(Side::Ours, name), self.hash_of(Side::Ours, name)) else {
            return false;
        };
        new.statement.relation(hash, (ours.statement.version, &before)) == Relation::GoesOn
    }
}

/// Returns the error for everything that needs the whole file.
pub(super) fn refusal() -> Error {
    Error::new(Reason::UnresolvedMerge, "the file has an unresolved merge")
        .hint(("merge both sides, item by item: ", Remedy::Merge))
}

impl Vault {
    /// Returns an error if the file is not merged.
    pub(super) fn check_merged(&self) -> Result<()> {
        if self.unmerged.is_some() { Err(refusal()) } else { Ok(()) }
    }

    /// Returns whether both sides have changed this environment, and nobody has merged them.
    pub(super) fn is_open(&self, name: &EnvironmentName) -> bool {
        self.unmerged.as_ref().is_some_and(|open| open.contains(name))
    }

    /// Returns an error if an environment is not merged.
    pub(super) fn check_environment_merged(&self, name: &EnvironmentName) -> Result<()> {
        if !self.is_open(name) {
            return Ok(());
        }
        let who = match writers(&self.roster, name) {
            names if names.is_empty() => String::new(),
            names => format!(", which {names} can"),
        };
        Err(Error::new(Reason::UnresolvedMerge, format!("{name} has an unresolved merge: both sides changed it"))
            .hint(("merge them, item by item: ", Remedy::Merge, who)))
    }
}
