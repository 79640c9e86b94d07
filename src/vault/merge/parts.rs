//! Where each environment of the merged file comes from.

use super::Merge;
use crate::error::Result;
use crate::file::Relation;
use crate::merge::Side;
use crate::name::EnvironmentName;
use crate::roster::Roster;
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

impl Merge {
    pub(in crate::vault) fn part(&self, roster: &Roster, name: &EnvironmentName) -> Result<Part> {
        let Some(side) = self.chosen(roster, name)? else { return Ok(Part::Merged) };
        let (block, _) = self.side(side).sealed(name)?;
        Ok(if block::verify(roster, block).is_ok() { Part::Taken(side) } else { Part::Renewed(side) })
    }

    /// The side that an environment comes from, if only one has changed it.
    pub(super) fn chosen(&self, roster: &Roster, name: &EnvironmentName) -> Result<Option<Side>> {
        Ok(match (self.hash_under(roster, Side::Ours, name), self.hash_under(roster, Side::Theirs, name)) {
            (None, None) => return Err(missing_block(name)),
            (Some(_), None) => Some(Side::Ours),
            (None, Some(_)) => Some(Side::Theirs),
            (Some(ours), Some(theirs)) => self.one_side(name, ours, theirs)?,
        })
    }

    /// What is merged although whoever saved it may not write the environment any more, in words. It may be honest work from
    /// before that right was taken, or what was written after it: who merges signs it, so a person has to look.
    pub(super) fn by_former_writers(&self, roster: &Roster) -> Vec<String> {
        let mut words = Vec::new();
        for (name, environment) in &roster.state().environments {
            for side in Side::BOTH {
                let before = self.base.as_ref().and_then(|base| base.hash(name));
                let hash = self.hash_under(roster, side, name);
                if hash.is_none() || hash == before || hash == self.hash_under(roster, side.other(), name) {
                    continue;
                }
                let Ok(block) = self.block_of(side, name) else { continue };
                let author = &block.statement.author;
                if !environment.writes(author) && block::verify(roster, block).is_err() {
                    words.push(format!("{name}: {author}, who may not write {name} any more, saved it in {side}"));
                }
            }
        }
        words
    }

    /// The side whose block stands for both, because only that one has changed it.
    fn one_side(&self, name: &EnvironmentName, ours: Hash, theirs: Hash) -> Result<Option<Side>> {
        if ours == theirs {
            // The one that is still valid, if there is one: a pending block is so under one roster and not the other.
            return Ok(Some(Side::Ours));
        }
        if let Some(before) = self.base.as_ref().and_then(|base| base.hash(name)) {
            return Ok(match before {
                before if before == ours => Some(Side::Theirs),
                before if before == theirs => Some(Side::Ours),
                _ => None,
            });
        }
        for side in Side::BOTH {
            if self.goes_on_from_other(name, side)? {
                return Ok(Some(side));
            }
        }
        Ok(None)
    }

    /// Whether a side's block says that it goes on from the other side's.
    fn goes_on_from_other(&self, name: &EnvironmentName, side: Side) -> Result<bool> {
        let (own, own_sealed) = self.side(side).sealed(name)?;
        let (other, other_sealed) = self.side(side.other()).sealed(name)?;
        let seen = (other.statement.version, &other_sealed.hash);
        Ok(own.statement.relation(&own_sealed.hash, seen) == Relation::GoesOn)
    }

    /// The hash of a side's block, if its environment is that of the merged roster and not another one of that name.
    fn hash_under(&self, roster: &Roster, side: Side, name: &EnvironmentName) -> Option<Hash> {
        let own = self.roster_of(side);
        let added = own.state().environments.get(name)?.added;
        let merged = roster.state().environments.get(name)?.added;
        let is_same = own.hash_at(added) == roster.hash_at(merged);
        // One that was added on this side alone, and again on top of the other one's roster.
        let is_made_again =
            !roster.extends(own) && !self.roster_of(side.other()).state().environments.contains_key(name);
        if is_same || is_made_again { self.side(side).hash(name) } else { None }
    }
}
