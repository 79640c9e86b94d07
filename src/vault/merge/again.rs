//! Builds the merged roster: one side's roster and, if both sides changed theirs, the other side's changes applied
//! again on top of it, signed by the user who merges.

use super::{Merge, Merged};
use crate::error::{Error, Remedy, Result};
use crate::identity::PrivateKeys;
use crate::merge::again::{Made, MadeAgain};
use crate::merge::{Rosters, Side, Way};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Draft, Kept, Roster, Statement, describe_changes};
use crate::signature::Hash;
use crate::vault::{Session, Warning, WarningReason};
use std::collections::BTreeSet;

impl Merge {
    /// Returns how the rosters of the sides relate.
    #[must_use]
    pub fn rosters(&self) -> &Rosters {
        &self.rosters
    }

    /// Returns the roster changes that only this side has.
    #[must_use]
    pub fn own_changes(&self, side: Side) -> &[Statement] {
        self.roster_of(side).statements_missing_in(self.roster_of(side.other()))
    }

    /// Returns the changes of this side that are dropped, because the other side took the right to make them from their
    /// authors.
    #[must_use]
    pub(crate) fn dropped_changes(&self, side: Side) -> Vec<&Statement> {
        let own = self.own_changes(side).iter().zip(self.rosters.kept(side));
        own.filter(|(_, kept)| **kept == Kept::Nothing).map(|(statement, _)| statement).collect()
    }

    /// Returns which side to unlock for a way of merging the rosters: the one with the user's newest keys.
    pub(super) fn side_with_keys(&self, way: &Way, user: &UserName) -> Side {
        let renews = |statement: &Statement| {
            statement.draft.author == *user && matches!(statement.draft.change, Change::ReplaceKeys { .. })
        };
        let other = way.base.other();
        if self.own_changes(other).iter().any(renews) { other } else { way.base }
    }

    /// Builds the merged roster by applying changes again in this user's name, and returns it with the warnings about them.
    pub(super) fn make_again(&self, way: &Way, session: &Session) -> Result<(Merged, Vec<Warning>)> {
        let base = self.roster_of(way.base);
        let before = base.state_at(self.rosters.common())?;
        let mut append = |side, roster: &Roster, draft| {
            let signing = signing_keys(roster, session)?;
            self.append(roster, draft, &signing).map_err(|error| not_again(side, &error))
        };
        let MadeAgain { roster, joined, made } = MadeAgain::new(way, (base, &before), session.user(), &mut append)?;
        self.check_own_keys(&roster, session)?;
        let warnings = made.iter().filter_map(|made| self.warning_about(made, &joined)).collect();
        Ok((Merged { joined, ..Merged::new(roster) }, warnings))
    }

    /// Returns the warning about a change that was applied again, if there is one.
    fn warning_about(&self, made: &Made<'_>, joined: &BTreeSet<EnvironmentName>) -> Option<Warning> {
        let Made { side, remade, changes } = made;
        let Draft { author, change, .. } = &remade.draft;
        let (words, described) = (self.names.words(*side), change.describe(author));
        if remade.is_by_former {
            let text = format!(
                "{author}, who may no longer change the roster, {described} in {words}: what was taken away \
                 stays taken away"
            );
            let warning = Warning::new(WarningReason::RightsNotRestored, text);
            return (!changes.is_empty()).then(|| warning.hint(("to give it back: ", Remedy::ChangeUsers)));
        }
        let takes =
            matches!(change, Change::RemoveUser { .. } | Change::Revoke { .. } | Change::RemoveEnvironment { .. });
        if takes || changes[..] == [change.clone()] {
            return None;
        }
        let other = self.names.words(side.other());
        let (reason, text) = match change {
            Change::AddEnvironment { environment, .. } if joined.contains(environment) => {
                let text = format!(
                    "both sides added an environment {environment}: they are now one, with the items and rights of both"
                );
                (WarningReason::EnvironmentsJoined, text)
            }
            _ => {
                let text = format!(
                    "a change in {words} could be applied again only in part, because {other} took part of it away: \
                     {author} {described}"
                );
                (WarningReason::ChangesDropped, text)
            }
        };
        Some(Warning::new(reason, text))
    }

    /// Returns a warning for each side whose roster changes are dropped in part.
    pub(super) fn warnings_about_dropped(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for side in Side::BOTH {
            let dropped = self.dropped_changes(side);
            let [first, ..] = &dropped[..] else { continue };
            let (words, other) = (self.names.words(side), self.names.words(side.other()));
            let author = &first.draft.author;
            let text = format!(
                "these roster changes in {words} are dropped, because {other} took that right from \
                 {author}: {}",
                describe_changes(dropped.iter().copied())
            );
            let hint = ("an admin can make them again if they are still wanted: ", Remedy::ChangeUsers);
            warnings.push(Warning::new(WarningReason::ChangesDropped, text).hint(hint));
        }
        warnings
    }

    fn append(&self, roster: &Roster, mut draft: Draft, keys: &PrivateKeys) -> Result<Roster> {
        let next = roster.append(draft.clone(), keys)?;
        draft.pending = self.pending(roster, &next, &draft.author)?;
        if draft.pending.is_empty() { Ok(next) } else { roster.append(draft, keys) }
    }

    /// Returns the blocks that a change leaves pending for the next writer, because the author of the change can't
    /// write them.
    fn pending(&self, roster: &Roster, next: &Roster, author: &UserName) -> Result<Vec<(EnvironmentName, Hash)>> {
        let mut pending = Vec::new();
        let merged = Merged::new(next.clone());
        for (name, environment) in &next.state().environments {
            let is_new = !roster.state().environments.contains_key(name);
            if is_new || environment.threshold() != next.head().version || environment.writes(author) {
                continue;
            }
            let side = self.chosen(&merged, name)?.ok_or_else(|| {
                Error::denied(format!("{name} must be merged, but {author} may not write it"))
                    .hint(format!("{} can save {name} on one of the branches first", super::writers(next, name)))
            })?;
            pending.extend(self.side(side).hash(name).map(|hash| (name.clone(), hash)));
        }
        Ok(pending)
    }

    /// Checks that the merged roster has the keys of the session, with which the user continues after the merge.
    fn check_own_keys(&self, roster: &Roster, session: &Session) -> Result<()> {
        let known = roster.state().user(session.user())?.keys.verifying_key;
        let own = session.identity()?.keys.public()?.verifying_key;
        if known == own { Ok(()) } else { Err(replaced_on_both(session.user())) }
    }
}

/// Returns those of the user's keys that a roster knows.
pub(super) fn signing_keys(roster: &Roster, session: &Session) -> Result<PrivateKeys> {
    let key = roster.state().user(session.user())?.keys.verifying_key;
    let keys = &session.identity()?.keys;
    let mut known = std::iter::once(keys.clone()).chain(keys.earlier());
    let found = known.find(|keys| keys.public().is_ok_and(|public| public.verifying_key == key));
    found.ok_or_else(|| replaced_on_both(session.user()))
}

fn replaced_on_both(user: &UserName) -> Error {
    Error::failed(format!("{user} replaced their keys on both sides, or too often, and the first ones are gone"))
        .hint("make one side's roster changes again, on top of the other side")
}

fn not_again(side: Side, error: &Error) -> Error {
    let again = Error::failed(format!("the roster changes in {side} can't be applied again: {error}"));
    again.hint(error.advice().cloned().unwrap_or_else(|| "make these changes again, on top of the other side".into()))
}
