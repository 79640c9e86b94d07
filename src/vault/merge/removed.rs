//! Handles environments that one side has removed and the other has changed: the user decides whether they stay.

use super::again::signing_keys;
use super::{Merge, Merged};
use crate::error::{Error, Hint, Remedy, Result};
use crate::file::BlockStatement;
use crate::merge::{Side, Subject};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Draft, Environment, Protection, Right, Roster};
use crate::time::Time;
use crate::vault::{Session, Warning, WarningReason};

/// An environment that one side has changed and the other has removed.
#[derive(Debug, Clone, Copy)]
pub struct HalfRemoved<'m> {
    /// The environment.
    pub name: &'m EnvironmentName,
    /// The side that still has it.
    pub kept_by: Side,
    /// The statement of the last save on that side.
    pub statement: &'m BlockStatement,
    /// The side that the user chose, if any.
    pub decided: Option<Side>,
}

impl HalfRemoved<'_> {
    /// Returns whether the environment stays.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.decided == Some(self.kept_by)
    }
}

impl Merge {
    /// Returns the environments that one side removed and the other changed, decided or not. Nothing is saved unless
    /// [`Merge::decide`] was called for each of them before the merge was opened.
    #[must_use]
    pub fn removed(&self) -> Vec<HalfRemoved<'_>> {
        let mut removed = Vec::new();
        for kept_by in Side::BOTH {
            for block in self.blocks_of(kept_by) {
                let name = &block.statement.name;
                let before = self.base.as_ref().and_then(|base| base.hash(name));
                if self.is_removed_by(kept_by.other(), name) && before != self.hash_of(kept_by, name) {
                    let decided = self.decided.get(name).copied();
                    removed.push(HalfRemoved { name, kept_by, statement: &block.statement, decided });
                }
            }
        }
        removed
    }

    /// Chooses a side for an environment as a whole: because one side has removed it, or because one can't be read. For
    /// the user's decision about an environment that one side has removed, see [`Merge::removed`].
    ///
    /// # Errors
    /// A usage error if the other side was chosen before.
    pub fn decide(&mut self, name: &EnvironmentName, side: Side) -> Result<()> {
        if *self.decided.entry(name.clone()).or_insert(side) == side {
            return Ok(());
        }
        let all = Subject::All(name.clone()).to_string();
        Err(Error::usage(format!("{all} was given for both sides")).hint(("name it once: ", Remedy::ChooseSide(all))))
    }

    /// Returns whether the merged file keeps an environment that one side has removed. The change that adds it again
    /// must be signed.
    #[must_use]
    pub(crate) fn keeps_removed(&self) -> bool {
        self.removed().iter().any(HalfRemoved::is_kept)
    }

    /// Returns whether a side has removed an environment that both sides had.
    fn is_removed_by(&self, side: Side, name: &EnvironmentName) -> bool {
        let added_in = |side| self.roster_of(side).state().environments.get(name).map(|environment| environment.added);
        let added = added_in(side.other());
        added.is_some_and(|added| added <= self.rosters.common()) && added_in(side).is_none()
    }

    /// Adds the environments again that one side has removed and the user keeps, with the rights that are left on them.
    pub(super) fn keep_removed(&self, merged: &mut Merged, session: &Session) -> Result<()> {
        for HalfRemoved { name, kept_by, .. } in self.removed().into_iter().filter(HalfRemoved::is_kept) {
            let environment = self.roster_of(kept_by).state().environment(name)?;
            let (author, grants) =
                (session.user().clone(), self.rights_left(name, (kept_by, environment), &merged.roster)?);
            let is_own = grants == [(author.clone(), Right::Write)];
            let may = is_own || merged.roster.state().check_admin(&author).is_ok();
            if !may || !grants.contains(&(author.clone(), Right::Write)) {
                return Err(self.not_kept(name, (kept_by, environment), &merged.roster));
            }
            let protect = Change::SetEnvironment { environment: name.clone(), protected: Protection::Yes };
            let add = Change::AddEnvironment { environment: name.clone(), grants };
            for change in [Some(add), Some(protect).filter(|_| environment.is_protected())].into_iter().flatten() {
                let draft = Draft { author: author.clone(), time: Time::now(), change, pending: Vec::new() };
                merged.roster = merged.roster.append(draft, &signing_keys(&merged.roster, session)?)?;
            }
            merged.kept.insert(name.clone(), kept_by);
        }
        Ok(())
    }

    /// Returns the rights on a removed environment that its users had, except those they lost before it was removed.
    fn rights_left(
        &self,
        name: &EnvironmentName,
        (kept_by, environment): (Side, &Environment),
        roster: &Roster,
    ) -> Result<Vec<(UserName, Right)>> {
        let (own, other) = (self.roster_of(kept_by), self.roster_of(kept_by.other()));
        let removes =
            |change: &Change| matches!(change, Change::RemoveEnvironment { environment } if environment == name);
        let removal = other.statements().iter().rev().find(|statement| removes(&statement.draft.change));
        let last = other.state_at(removal.map_or(other.head().version, |removal| removal.version - 1))?;
        let common = own.state_at(self.rosters.common())?;
        let right_in = |state: &crate::roster::State, user| {
            state.environments.get(name).and_then(|environment| environment.grants.get(user).copied())
        };
        let mut grants = Vec::new();
        for (user, right) in &environment.grants {
            let keys_in = |roster: &Roster| roster.state().users.get(user).map(|user| user.keys.clone());
            let is_lowered = right_in(&last, user) < right_in(&common, user);
            let left = if is_lowered { right_in(&last, user) } else { Some(*right) };
            if let Some(left) = left.filter(|_| keys_in(roster).is_some() && keys_in(roster) == keys_in(own)) {
                grants.push((user.clone(), left.min(*right)));
            }
        }
        Ok(grants)
    }

    fn not_kept(&self, name: &EnvironmentName, (kept_by, environment): (Side, &Environment), roster: &Roster) -> Error {
        let other = self.names.words(kept_by.other());
        let error =
            Error::denied(format!("{other} removed environment {name}, and only an admin who writes it can keep it"));
        let can: Vec<&str> = roster.state().givers(environment).map(UserName::as_str).collect();
        let instead = Hint::from(("to let it go: ", super::taking(kept_by.other(), name)));
        match can.join(" or ") {
            names if names.is_empty() => error.hint(instead),
            names => error.hint(Hint::from(format!("{names} can; ")).and(instead)),
        }
    }

    /// Returns a warning for each environment that one side has changed and the merged file does not have.
    pub(super) fn warnings_about_removed(&self, roster: &Roster) -> Vec<Warning> {
        let mut texts = Vec::new();
        for side in Side::BOTH {
            let (own, words, other) = (self.roster_of(side), self.names.words(side), self.names.words(side.other()));
            for block in self.blocks_of(side) {
                let BlockStatement { name, version, author, .. } = &block.statement;
                let before = self.base.as_ref().and_then(|base| base.hash(name));
                let added = own.state().environments.get(name).map(|environment| environment.added);
                let is_common = added.is_some_and(|added| added <= self.rosters.common());
                let now =
                    roster.state().environments.get(name).and_then(|environment| roster.hash_at(environment.added));
                let is_there = now.is_some() && (!is_common || now == added.and_then(|added| own.hash_at(added)));
                if is_there || before == self.hash_of(side, name) || self.decided.contains_key(name) {
                    continue;
                }
                let why = match (is_common, now) {
                    (false, _) => format!("environment {name} is dropped with the change that added it"),
                    (true, None) => format!("{other} removed environment {name}"),
                    (true, Some(_)) => format!("{other} removed environment {name} and added another one of that name"),
                };
                texts.push(format!("{why}: version {version} by {author}, of {words}, goes with it"));
            }
        }
        texts.into_iter().map(|text| Warning::new(WarningReason::EnvironmentDropped, text)).collect()
    }
}
