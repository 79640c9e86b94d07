//! Compares two rosters with a common ancestor: which one is kept, and which changes are made again on top of it.
//!
//! If one roster is a descendant of the other, it is kept. Changes by somebody whom the other side has removed or demoted
//! are dropped, except for what they take away. All other changes that the kept roster lacks must be signed again: by
//! their author, or by an admin if a former admin took something away.

use super::Side;
use crate::error::{Error, Reason, Result};
use crate::name::UserName;
use crate::ordered::InOrder as _;
use crate::roster::{Change, Draft, Kept, Role, Roster, State};
use std::collections::BTreeSet;

/// A change that has to be made again.
#[derive(Debug, Clone)]
pub(crate) struct Remade {
    /// What a merge keeps of the change.
    pub draft: Draft,
    /// Whether its author may not make it any more. Then whoever merges makes it in their own name.
    pub is_by_former: bool,
}

/// One way to merge two rosters.
#[derive(Debug, Clone)]
pub struct Way {
    /// The side whose roster is kept.
    pub base: Side,
    /// The version of the last change that is kept.
    pub until: u32,
    /// Whether that is the roster's last change.
    pub is_whole: bool,
    /// The changes to make again on top: first those of the same side, then those of the other side.
    pub(crate) again: [Vec<Remade>; 2],
    /// The users who can make all of them again.
    pub signers: BTreeSet<UserName>,
}

impl Way {
    fn count(&self) -> usize {
        self.again.iter().map(Vec::len).sum()
    }
}

/// The comparison of the rosters of two files.
#[derive(Debug, Clone)]
pub struct Rosters {
    /// The version of the last common change.
    common: u32,
    /// What a merge keeps of each later change, of this branch and of the change being applied.
    kept: [Vec<Kept>; 2],
    /// The ways to merge, starting with the one that signs the fewest changes.
    ways: Vec<Way>,
}

impl Rosters {
    /// Compares two rosters.
    ///
    /// # Errors
    /// An integrity error if the rosters belong to different vaults.
    pub fn compare(ours: &Roster, theirs: &Roster) -> Result<Self> {
        check_same_vault(ours, theirs)?;
        let kept = [ours.kept_in_merge_with(theirs)?, theirs.kept_in_merge_with(ours)?];
        let mut rosters = Self { common: ours.shared_with(theirs), kept, ways: Vec::new() };
        let mut ways = vec![rosters.way(Side::Theirs, theirs, ours)?, rosters.way(Side::Ours, ours, theirs)?];
        // If both sign equally many, the hashes decide, so that the result doesn't depend on which side is which.
        ways.order_by_key(|way| {
            let base = if way.base == Side::Ours { ours } else { theirs };
            (way.count(), !way.is_whole, *base.head().hash.as_bytes())
        });
        ways.retain(|way| way.count() == 0 || !way.signers.is_empty());
        rosters.ways = ways;
        Ok(rosters)
    }

    /// Returns the version of the last common change.
    #[must_use]
    pub fn common(&self) -> u32 {
        self.common
    }

    /// Returns what a merge keeps of each change that only this side has.
    #[must_use]
    pub fn kept(&self, side: Side) -> &[Kept] {
        match side {
            Side::Ours => &self.kept[0],
            Side::Theirs => &self.kept[1],
        }
    }

    /// Returns the side whose roster can be kept unchanged, because the other one adds nothing that counts.
    #[must_use]
    pub fn standing(&self) -> Option<Side> {
        self.ways.first().filter(|way| way.count() == 0 && way.is_whole).map(|way| way.base)
    }

    /// Whether the rosters have forked: each side has changes that the other one lacks.
    #[must_use]
    pub fn is_fork(&self) -> bool {
        self.kept.iter().all(|changes| !changes.is_empty())
    }

    /// The ways to merge, starting with the one that signs the fewest changes.
    #[must_use]
    pub fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// Returns the first way by which this user can merge.
    #[must_use]
    pub fn way_of(&self, user: &UserName) -> Option<&Way> {
        self.ways.iter().find(|way| way.signers.contains(user))
    }

    fn way(&self, base: Side, roster: &Roster, other: &Roster) -> Result<Way> {
        let kept = self.kept(base);
        let whole = kept.iter().take_while(|kept| **kept == Kept::Whole).count();
        let until = self.common + u32::try_from(whole).unwrap_or(u32::MAX);
        let rest = remade(&roster.statements_missing_in(other)[whole..], &kept[whole..]);
        let others = remade(other.statements_missing_in(roster), self.kept(base.other()));
        let is_whole = until == roster.head().version;
        let mut way = Way { base, until, is_whole, again: [rest, others], signers: BTreeSet::new() };
        let (before, onto) = (roster.state_at(self.common)?, roster.state_at(until)?);
        if way.again.iter().flatten().all(|remade| remade.is_by_former) {
            // Nobody has to sign a change that has no effect any more.
            let takes = |remade: &Remade| takes_from(&remade.draft.change, &before, &onto);
            way.again.iter_mut().for_each(|list| list.retain(takes));
        }
        way.signers = signers(&way, &onto);
        Ok(way)
    }
}

/// Checks that two rosters belong to the same vault. Only files of one vault can be merged.
///
/// # Errors
/// An integrity error if they don't.
pub fn check_same_vault(one: &Roster, other: &Roster) -> Result<()> {
    if one.id() == other.id() {
        return Ok(());
    }
    Err(Error::new(Reason::OtherVault, "the two sides are different vaults, which can't be merged")
        .hint("keep one of the files, and import what the other one exports"))
}

fn remade(statements: &[crate::roster::Statement], kept: &[Kept]) -> Vec<Remade> {
    let mut remade = Vec::new();
    for (statement, kept) in statements.iter().zip(kept) {
        let (change, is_by_former) = match kept {
            Kept::Whole => (statement.draft.change.clone(), false),
            Kept::Removal(change) => (change.clone(), true),
            Kept::Nothing => continue,
        };
        remade.push(Remade { draft: Draft { change, ..statement.draft.clone() }, is_by_former });
    }
    remade
}

/// Whether a change takes something away that existed at the fork and still exists.
fn takes_from(change: &Change, before: &State, now: &State) -> bool {
    let user_in = |user| {
        let (known, now) = (before.users.get(user), now.users.get(user));
        now.filter(|now| known.is_some_and(|known| known.id == now.id))
    };
    let environment_in = |name| {
        let (known, now) = (before.environments.get(name), now.environments.get(name));
        now.filter(|now| known.is_some_and(|known| known.added == now.added))
    };
    match change {
        Change::RemoveUser { user } => user_in(user).is_some(),
        Change::SetRole { user, role } => user_in(user).is_some_and(|now| now.role > *role),
        Change::RemoveEnvironment { environment } => environment_in(environment).is_some(),
        Change::SetEnvironment { environment, protected } => {
            environment_in(environment).is_some_and(|now| now.protected < *protected)
        }
        Change::Revoke { user, environments } => {
            user_in(user).is_some()
                && environments
                    .iter()
                    .any(|name| environment_in(name).is_some_and(|environment| environment.reads(user)))
        }
        Change::Grant { user, grants } => {
            let is_more = |(name, right)| {
                environment_in(name).is_some_and(|environment| environment.grants.get(user) > Some(right))
            };
            user_in(user).is_some() && grants.iter().map(|(name, right)| (name, right)).any(is_more)
        }
        Change::Create { .. } | Change::AddUser { .. } | Change::ReplaceKeys { .. } | Change::AddEnvironment { .. } => {
            false
        }
    }
}

/// Returns the users who can make all changes of a way again. Each change of a current author needs that author; each
/// change of a former admin needs an admin. Nobody whom a change removes or demotes can make it, because a device that
/// has seen that change would refuse the rest.
fn signers(way: &Way, base: &State) -> BTreeSet<UserName> {
    let mut can: BTreeSet<UserName> = base.users.keys().cloned().collect();
    for Remade { draft, is_by_former } in way.again.iter().flatten() {
        if *is_by_former {
            can.retain(|user| base.users.get(user).is_some_and(|known| known.role == Role::Admin));
        } else {
            can.retain(|user| *user == draft.author);
        }
        match &draft.change {
            Change::RemoveUser { user } | Change::SetRole { user, role: Role::Member } => drop(can.remove(user)),
            Change::Grant { grants, .. } if *is_by_former => can.retain(|user| {
                grants
                    .iter()
                    .all(|(name, _)| base.environments.get(name).is_none_or(|environment| environment.writes(user)))
            }),
            _ => {}
        }
    }
    can
}

#[cfg(test)]
mod tests;
