//! Where each environment of the merged file comes from.

use super::{Merge, Merged};
use crate::error::Result;
use crate::file::{BlockStatement, Relation};
use crate::merge::{Applied, Side};
use crate::name::EnvironmentName;
use crate::signature::Hash;
use crate::vault::{block, missing_block};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vault) enum Part {
    /// The block of this side, as it stands there.
    Taken(Side),
    /// What this side holds, encrypted and signed anew: under the merged roster its block can't stand.
    Renewed(Side),
    /// Both sides have changed it.
    Merged,
}

/// How an environment's states on the two sides stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// The state of this side stands for both: only this one has changed it, or it goes on from the other.
    One(Side),
    /// Each has changed it.
    Both,
    /// Each has changed it, and this branch has lost a state that the change being applied was made on.
    Lost,
    /// This side's is older by so many saves that nobody can tell whether the other one goes on from it.
    Unclear(Side),
}

impl Merge {
    pub(in crate::vault) fn part(&self, merged: &Merged, name: &EnvironmentName) -> Result<Part> {
        let Some(side) = self.chosen(merged, name)? else { return Ok(Part::Merged) };
        let (block, _) = self.side(side).sealed(name)?;
        Ok(if block::verify(&merged.roster, block).is_ok() { Part::Taken(side) } else { Part::Renewed(side) })
    }

    /// The side that an environment comes from, if only one has changed it.
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

    /// How the two sides of an environment that both have stand to each other.
    ///
    /// A state that the other side goes on from is older, whatever git's base says: who can push, without a key, can put an
    /// old state on top of a newer one, and whoever merged that would sign it. Only `git revert` means it.
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
            // The one that is still valid, if there is one: a pending block is so under one roster and not the other.
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
            // The change is picked onto a branch that lacks what came before it.
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

    /// Where neither side is known to go on from the other one.
    fn stand_of_lines(&self, name: &EnvironmentName, changed: Option<Side>) -> Result<Stand> {
        let (ours, theirs) = (self.stated(Side::Ours, name)?.0.version, self.stated(Side::Theirs, name)?.0.version);
        if self.applied == Applied::Revert || ours == theirs {
            return Ok(changed.filter(|_| self.applied == Applied::Revert).map_or(Stand::Both, Stand::One));
        }
        let newer = if ours > theirs { Side::Ours } else { Side::Theirs };
        Ok(match self.relation_to_other(name, newer)? {
            // Its block is taken as it is, so what a device has seen of it is looked at as ever.
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

    /// The side whose state of an environment is older than the other's and is not what that one started from: somebody put
    /// it back.
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

    /// Whether a side's block says that it goes on from the other side's.
    pub(super) fn goes_on_from_other(&self, name: &EnvironmentName, side: Side) -> Result<bool> {
        Ok(self.relation_to_other(name, side)? == Relation::GoesOn)
    }

    fn relation_to_other(&self, name: &EnvironmentName, side: Side) -> Result<Relation> {
        let ((own, own_hash), (other, other_hash)) = (self.stated(side, name)?, self.stated(side.other(), name)?);
        Ok(own.relation(&own_hash, (other.version, &other_hash)))
    }

    /// What a side's author states of an environment, and the hash of that.
    pub(super) fn stated(&self, side: Side, name: &EnvironmentName) -> Result<(&BlockStatement, Hash)> {
        let (block, sealed) = self.side(side).sealed(name)?;
        Ok((&block.statement, sealed.hash))
    }

    /// Whether a change comes without what came before it: this branch never had that. So the merged block goes on from the
    /// change's only as far as it holds what that one holds; else the rest would be taken for removed wherever both meet again.
    pub(in crate::vault) fn comes_alone(&self, name: &EnvironmentName) -> Result<bool> {
        let is_known = self.base.as_ref().is_some_and(|base| base.hash(name).is_some());
        let is_branch = matches!(self.applied, Applied::Branch | Applied::Lost);
        Ok(is_known && !is_branch && self.stand(name)? == Stand::Both && !self.comes_from_base(name, Side::Ours)?)
    }

    /// The hash of a side's block, if its environment is that of the merged roster and not another one of that name.
    pub(super) fn hash_under(&self, merged: &Merged, side: Side, name: &EnvironmentName) -> Option<Hash> {
        let (own, Merged { roster, joined, kept }) = (self.roster_of(side), merged);
        let added = own.state().environments.get(name)?.added;
        let now = roster.state().environments.get(name)?.added;
        let is_same = own.hash_at(added) == roster.hash_at(now);
        // One that was added on this side alone, perhaps in the place of one that both had, and again on top of the other
        // one's roster.
        let common = self.rosters.common();
        let other = self.roster_of(side.other()).state().environments.get(name);
        let is_only_here = added > common && other.is_none_or(|other| other.added <= common);
        let is_made_again = !roster.extends(own) && is_only_here && now > common;
        let is_of_this = is_same || is_made_again || joined.contains(name) || kept.get(name) == Some(&side);
        if is_of_this { self.side(side).hash(name) } else { None }
    }
}
