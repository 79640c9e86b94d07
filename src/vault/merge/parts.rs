//! Decides where each environment of the merged file comes from.

use super::part::{Part, Stand};
use super::{Merge, Merged};
use crate::error::Result;
use crate::file::{BlockStatement, Relation};
use crate::merge::{Applied, Side};
use crate::name::EnvironmentName;
use crate::signature::Hash;
use crate::vault::block;
use crate::vault::proven::missing_block;

impl Merge {
    pub(in crate::vault) fn part(&self, merged: &Merged, name: &EnvironmentName) -> Result<Part> {
        let Some(side) = self.chosen(merged, name)? else { return Ok(Part::Merged) };
        let (block, _) = self.side(side).sealed(name)?;
        Ok(if block::verify(&merged.roster, block).is_ok() { Part::Taken(side) } else { Part::Renewed(side) })
    }

    /// Returns the side that an environment comes from, if only one has changed it.
    pub(super) fn chosen(&self, merged: &Merged, name: &EnvironmentName) -> Result<Option<Side>> {
        Ok(match (self.hash_under(merged, Side::Ours, name), self.hash_under(merged, Side::Theirs, name)) {
            (None, None) => return Err(missing_block(name)),
            (Some(_), None) => Some(Side::Ours),
            (None, Some(_)) => Some(Side::Theirs),
            (Some(_), Some(_)) => match self.stand(name)? {
                Stand::One(side) => Some(side),
                Stand::Both | Stand::Lost | Stand::Unclear(_) => None,
            },
        })
    }

    /// Returns how the two sides of an environment relate.
    ///
    /// A state from which the other side descends is older, whatever git's merge base says. Otherwise anybody who can
    /// push, even without a key, could commit an old state on top of a newer one, and the user who merges would sign
    /// it. Only `git revert` shows that the older state is wanted.
    pub(super) fn stand(&self, name: &EnvironmentName) -> Result<Stand> {
        let known = self.stands.borrow().get(name).copied();
        if let Some(stand) = known {
            return Ok(stand);
        }
        let stand = self.find_stand(name)?;
        self.stands.borrow_mut().insert(name.clone(), stand);
        Ok(stand)
    }

    fn find_stand(&self, name: &EnvironmentName) -> Result<Stand> {
        let [ours, theirs] = [self.stated(Side::Ours, name)?, self.stated(Side::Theirs, name)?];
        if ours.1 == theirs.1 {
            // Both sides have the same statement, so either block will do.
            return Ok(Stand::One(Side::Ours));
        }
        let before = self.base.as_ref().and_then(|base| base.hash(name));
        let changed = match before {
            Some(before) if before == ours.1 => Some(Side::Theirs),
            Some(before) if before == theirs.1 => Some(Side::Ours),
            _ => None,
        };
        let newer = Side::BOTH.into_iter().find(|side| self.goes_on_from_other(name, *side).unwrap_or_default());
        if self.applied == Applied::Change && before.is_some() && !self.comes_from_base(name, Side::Ours)? {
            // The change is cherry-picked onto a branch that lacks what came before it.
            match (self.lost_here(name)?, newer) {
                (None, _) if before == Some(theirs.1) => return Ok(Stand::One(Side::Ours)),
                (None, _) => return Ok(Stand::Both),
                (Some(_), None) => return Ok(Stand::Lost),
                (Some(_), Some(_)) => {}
            }
        }
        let means_it = |older: Side| self.applied == Applied::Revert || self.is_reverted_here(name, older);
        Ok(match (newer, changed) {
            (Some(newer), Some(changed)) if newer == changed => Stand::One(newer),
            (Some(newer), None) if before.is_none() => Stand::One(newer),
            (Some(newer), changed) if means_it(newer.other()) => changed.map_or(Stand::Both, Stand::One),
            (Some(newer), _) => Stand::One(newer),
            (None, changed) => self.stand_of_lines(name, changed)?,
        })
    }

    /// Returns how the sides relate if neither is known to descend from the other.
    fn stand_of_lines(&self, name: &EnvironmentName, changed: Option<Side>) -> Result<Stand> {
        let (ours, theirs) = (self.stated(Side::Ours, name)?.0.version, self.stated(Side::Theirs, name)?.0.version);
        if self.applied == Applied::Revert || ours == theirs {
            return Ok(changed.filter(|_| self.applied == Applied::Revert).map_or(Stand::Both, Stand::One));
        }
        let newer = if ours > theirs { Side::Ours } else { Side::Theirs };
        Ok(match self.relation_to_other(name, newer)? {
            // The block is taken unchanged, so it is still compared with what this device has seen.
            Relation::CannotTell { .. } | Relation::Jump if changed == Some(newer) => Stand::One(newer),
            Relation::CannotTell { .. } | Relation::Jump
                if self.is_linked(name, newer, self.stated(newer.other(), name)?) =>
            {
                Stand::One(newer)
            }
            Relation::CannotTell { .. } | Relation::Jump => Stand::Unclear(newer.other()),
            _ => Stand::Both,
        })
    }

    /// Returns the side that somebody put back to an older state: an ancestor of the other side's state that is neither
    /// git's merge base nor a descendant of it.
    pub(super) fn put_back(&self, merged: &Merged, name: &EnvironmentName) -> Result<Option<Side>> {
        let is_there = Side::BOTH.iter().all(|side| self.hash_under(merged, *side, name).is_some());
        let Some(base) = self.base.as_ref().filter(|_| is_there) else { return Ok(None) };
        let (Ok((before, before_sealed)), Stand::One(kept)) = (base.sealed(name), self.stand(name)?) else {
            return Ok(None);
        };
        let (older, hash) = self.stated(kept.other(), name)?;
        let was_there = hash == before_sealed.hash || self.stated(kept, name)?.1 == hash;
        let follows = older.relation(&hash, (before.statement.version, &before_sealed.hash)) == Relation::GoesOn;
        let is_older = !was_there && !follows && self.goes_on_from_other(name, kept)?;
        Ok(is_older.then_some(kept.other()))
    }

    /// Returns whether the block of a side says that it descends from the other side's.
    pub(super) fn goes_on_from_other(&self, name: &EnvironmentName, side: Side) -> Result<bool> {
        Ok(self.relation_to_other(name, side)? == Relation::GoesOn)
    }

    fn relation_to_other(&self, name: &EnvironmentName, side: Side) -> Result<Relation> {
        let ((own, own_hash), (other, other_hash)) = (self.stated(side, name)?, self.stated(side.other(), name)?);
        Ok(own.relation(&own_hash, (other.version, &other_hash)))
    }

    /// Returns the statement of a side's block, and its hash.
    pub(super) fn stated(&self, side: Side, name: &EnvironmentName) -> Result<(&BlockStatement, Hash)> {
        let (block, sealed) = self.side(side).sealed(name)?;
        Ok((&block.statement, sealed.hash))
    }

    /// Returns whether a change is applied without what came before it, because this branch never had that. The merged
    /// block then descends from the change's block only if it holds everything that block holds. Otherwise the rest
    /// would count as removed wherever the two meet again.
    pub(in crate::vault) fn comes_alone(&self, name: &EnvironmentName) -> Result<bool> {
        let is_known = self.base.as_ref().is_some_and(|base| base.hash(name).is_some());
        let is_branch = matches!(self.applied, Applied::Branch | Applied::Lost);
        Ok(is_known && !is_branch && self.stand(name)? == Stand::Both && !self.comes_from_base(name, Side::Ours)?)
    }

    /// Returns the hash of a side's block, if the side's environment is the one in the merged roster and not a
    /// different one of the same name.
    pub(super) fn hash_under(&self, merged: &Merged, side: Side, name: &EnvironmentName) -> Option<Hash> {
        let (own, Merged { roster, joined, kept }) = (self.roster_of(side), merged);
        let added = own.state().environments.get(name)?.added;
        let now = roster.state().environments.get(name)?.added;
        let is_same = own.hash_at(added) == roster.hash_at(now);
        // The environment was added on this side only, perhaps in place of one that both sides had, and is added again
        // on top of the other side's roster.
        let common = self.rosters.common();
        let other = self.roster_of(side.other()).state().environments.get(name);
        let is_only_here = added > common && other.is_none_or(|other| other.added <= common);
        let is_made_again = !roster.extends(own) && is_only_here && now > common;
        let is_of_this = is_same || is_made_again || joined.contains(name) || kept.get(name) == Some(&side);
        if is_of_this { self.side(side).hash(name) } else { None }
    }
}
