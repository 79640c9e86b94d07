//! Decrypts what a merge needs, and merges it by item.

use super::doubt::Doubt;
use super::{Merge, Merged, Part, not_by};
use crate::error::{Error, Remedy, Result};
use crate::file::Block;
use crate::item::{Content, Origin, Place};
use crate::log::{Action, Entry};
use crate::merge::items::holds_all;
use crate::merge::{Side, Way};
use crate::name::{EnvironmentName, UserName};
use crate::ordered::Ordered as _;
use crate::roster::{Right, Roster, State};
use crate::time::Time;
use crate::vault::blame::blamed;
use crate::vault::side::SideFile;
use crate::vault::{Purpose, Session, Warning, WarningReason};
use std::collections::{BTreeMap, BTreeSet};

/// How the state of the side that is not taken relates to the side that is taken whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// The side has not changed the environment.
    Unchanged,
    /// The side has an ancestor of the state that is taken.
    Older,
    /// The side has a different environment of that name.
    Another,
}

/// A merge with everything decrypted that it needs. Nothing of it is written before all decisions are made: see
/// [`Opened::decisions`].
pub struct Opened<'m> {
    pub(super) merge: &'m Merge,
    /// The session that decrypted it; none if nothing had to be decrypted.
    pub(super) session: Option<&'m Session>,
    pub(super) merged: Merged,
    pub(super) parts: BTreeMap<EnvironmentName, Part>,
    pub(super) contents: BTreeMap<EnvironmentName, Contents>,
    pub(super) doubts: Vec<Doubt>,
    /// Per environment, the users who could read what is merged and have lost that right since.
    exposed: BTreeMap<EnvironmentName, BTreeSet<UserName>>,
    pub(super) warnings: Vec<Warning>,
}

pub(super) struct Contents {
    pub base: Content,
    pub ours: Content,
    pub theirs: Content,
    pub doubted: Vec<Side>,
    /// The session that decrypted it.
    pub origin: Origin,
}

impl Merge {
    /// Merges without a key. Returns `None` if a key is needed to change the roster or to encrypt an environment again.
    /// Whether half-removed environments stay has to be decided before: see [`Merge::removed`].
    ///
    /// # Errors
    /// [`crate::error::Reason::RostersForked`] or [`crate::error::Reason::AppliedUnknown`] if git's merge driver must leave the merge to a person.
    pub fn without_key(&self) -> Result<Option<Opened<'_>>> {
        self.check_driver()?;
        let Some(side) = self.rosters.standing().filter(|_| !self.keeps_removed()) else { return Ok(None) };
        let merged = Merged::new(self.roster_of(side).clone());
        let parts = self.parts(&merged)?;
        if !parts.values().all(|part| matches!(part, Part::Taken(_))) {
            return Ok(None);
        }
        Ok(Some(self.opened(merged, parts, None)?))
    }

    /// Decrypts what both sides have changed, after writing the entries to the access log. Whether half-removed
    /// environments stay has to be decided before: see [`Merge::removed`].
    ///
    /// # Errors
    /// A denied error if this user may not write what has to be merged; an integrity error if it can't be read; otherwise
    /// the same as for [`Merge::without_key`].
    pub fn open<'m>(&'m self, session: &'m Session) -> Result<Opened<'m>> {
        self.check_driver()?;
        let mut opened = self.prepared(session).map_err(|error| self.log_refused(session, error))?;
        let names: Vec<EnvironmentName> = opened.to_merge().cloned().collect();
        for name in &names {
            let entry = Entry::new(Action::Merge).environment(name);
            let right = session.check_right_in(&opened.merged.roster, name, Right::Write);
            right.map_err(|error| session.log_refusal(entry, not_by(&error, &opened.merged.roster, name)))?;
        }
        session.log(names.iter().map(|name| Entry::new(Action::Merge).environment(name)).collect())?;
        for name in names {
            let contents = opened.read(&name, session)?;
            opened.contents.insert(name, contents);
        }
        Ok(opened)
    }
}

impl Merge {
    /// Merges the rosters with the session's keys, and finds out what has to be decrypted.
    fn prepared<'m>(&'m self, session: &'m Session) -> Result<Opened<'m>> {
        let (mut merged, warnings) = match self.rosters.standing() {
            Some(side) => (Merged::new(self.roster_of(side).clone()), Vec::new()),
            None => self.make_again(self.way_of(session)?, session)?,
        };
        self.keep_removed(&mut merged, session)?;
        let parts = self.parts(&merged)?;
        let mut opened = self.opened(merged, parts, Some(session))?;
        opened.warnings.extend(warnings);
        Ok(opened)
    }

    /// Logs that nothing could be merged, for each environment that the user may read and that the sides hold
    /// differently. Returns the error.
    fn log_refused(&self, session: &Session, error: Error) -> Error {
        let differs = |name: &EnvironmentName| self.hash_of(Side::Ours, name) != self.hash_of(Side::Theirs, name);
        session.log_refused_file(&Purpose::for_action(Action::Merge), differs, error)
    }

    fn opened<'m>(
        &'m self,
        merged: Merged,
        parts: BTreeMap<EnvironmentName, Part>,
        session: Option<&'m Session>,
    ) -> Result<Opened<'m>> {
        let mut warnings = self.warnings_about_dropped();
        warnings.extend(self.put_back_warnings(&merged)?);
        warnings.extend(self.warnings_about_removed(&merged.roster));
        let doubts = self.doubts(&merged)?;
        let (contents, exposed) = Default::default();
        let opened = Opened { merge: self, session, merged, parts, contents, doubts, exposed, warnings };
        opened.check_known()?;
        Ok(opened)
    }

    /// Returns how this user can merge the rosters with the session's keys.
    fn way_of(&self, session: &Session) -> Result<&Way> {
        let way = self.rosters.way_of(session.user());
        way.ok_or_else(|| {
            let message = format!("{} can't apply the changes of either side again", session.user());
            Error::denied(message).hint(self.who_can_merge())
        })
    }
}

impl<'m> Opened<'m> {
    /// Returns, in words, which changes of a side are in doubt, and why: it is not clear whether they are honest. Each item
    /// that such a change is about is a conflict like others. Nothing of it is taken unless somebody chooses it, and
    /// nothing else has to be confirmed.
    pub fn doubts(&self) -> impl Iterator<Item = &str> {
        self.doubts.iter().map(|doubt| &*doubt.why)
    }

    /// Returns the warnings about this merge, for example that an environment was removed which the other side had changed.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = self.warnings.clone();
        let users: BTreeSet<&str> = self.exposed.values().flatten().map(UserName::as_str).ordered();
        let names: Vec<&str> = self.exposed.keys().map(EnvironmentName::as_str).collect();
        if !names.is_empty() {
            let who = match &users.into_iter().collect::<Vec<_>>()[..] {
                [user] => format!("{user}, who has lost that right,"),
                users => format!("{}, who have lost that right,", users.join(" and ")),
            };
            let text = format!("{who} could read values of {}", names.join(", "));
            let hint = ("replace what they knew: ", Remedy::ListDue(None));
            warnings.push(Warning::new(WarningReason::Exposed, text).hint(hint));
        }
        warnings
    }

    /// Returns the session that decrypted what the merge needs; none if it needs no key.
    #[must_use]
    pub fn session(&self) -> Option<&'m Session> {
        self.session
    }

    /// Returns the merged roster.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.merged.roster
    }

    /// Returns the environments that are taken whole from a side that has changed them: with that side, and how the
    /// other side relates to it.
    pub fn taken(&self) -> impl Iterator<Item = (&EnvironmentName, Side, Beside)> {
        self.parts.iter().filter_map(|(name, part)| {
            let hash = |side: Side| self.merge.side(side).hash(name);
            let before = self.merge.base.as_ref().map(|base| base.hash(name));
            let Part::Taken(side) = part else { return None };
            let (taken, other) = (hash(*side), hash(side.other()));
            let is_another = other.is_some() && self.merge.hash_under(&self.merged, side.other(), name).is_none();
            let beside = match before {
                _ if taken == other => return None,
                _ if is_another => Beside::Another,
                Some(before) if before != other => Beside::Older,
                _ => Beside::Unchanged,
            };
            Some((name, *side, beside))
        })
    }

    /// Returns what both sides hold of an environment that had to be decrypted.
    pub(super) fn sides_of(&self, name: &EnvironmentName) -> Vec<&Content> {
        self.contents.get(name).map_or_else(Vec::new, |held| vec![&held.ours, &held.theirs])
    }

    /// Returns whether the merged content has everything that a side holds of an environment.
    pub(super) fn holds_all_of(&self, side: Side, name: &EnvironmentName, merged: &Content) -> bool {
        let part = self.contents.get(name).map(|held| if side == Side::Ours { &held.ours } else { &held.theirs });
        part.is_some_and(|part| holds_all(name, merged, part))
    }

    pub(super) fn to_merge(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.parts.iter().filter(|(_, part)| !matches!(part, Part::Taken(_))).map(|(name, _)| name)
    }

    pub(super) fn content(
        &self,
        side: &SideFile,
        name: &EnvironmentName,
        session: &Session,
        what: &str,
    ) -> Result<Content> {
        let (block, sealed) = side.sealed(name)?;
        let statement = &block.statement;
        let id = self.merged.roster.id();
        let readers = side.vault.roster.state().environment(name)?.grants.keys();
        let place = readers.take_while(|reader| *reader != session.user()).count();
        let plaintext =
            session.keys.open(sealed.bytes.clone(), place, &id).map_err(|error| blamed(statement, &error))?;
        let plaintext = plaintext.ok_or_else(|| {
            Error::denied(format!("environment {name} of {what} was not encrypted for {}", session.user()))
                .hint(format!("{} can merge: they write {name}", super::writers(&self.merged.roster, name)))
        })?;
        let place = Place { vault: &id, environment: name, version: statement.version };
        let content = Content::from_json(&plaintext, &place, statement.written());
        let mut content = content.map_err(|error| blamed(statement, &error))?;
        if let Some(lost) = self.lost_at(side, block)? {
            content.mark_all_due(lost);
        }
        Ok(content)
    }

    /// Returns when a user who could read this block last lost that right; `None` if everybody who could read it still can.
    fn lost_at(&self, side: &SideFile, block: &Block) -> Result<Option<Time>> {
        let (name, seen) = (&block.statement.name, block.statement.roster);
        if self.former_readers(side, block)?.is_empty() {
            return Ok(None);
        }
        let losses = match self.merged.roster.contains(seen) {
            true => self.merged.roster.losses(name, seen.version)?,
            false => Vec::new(),
        };
        Ok(Some(losses.last().copied().unwrap_or_else(Time::now)))
    }

    /// Records the users who could read what a side holds and have lost that right.
    pub(super) fn note_exposed(&mut self, side: Side, name: &EnvironmentName) -> Result<()> {
        let side = self.merge.side(side);
        let readers = self.former_readers(side, side.sealed(name)?.0)?;
        if !readers.is_empty() {
            self.exposed.entry(name.clone()).or_default().extend(readers);
        }
        Ok(())
    }

    /// Returns the users who could read a block when it was saved, and can't read its environment now.
    fn former_readers(&self, side: &SideFile, block: &Block) -> Result<Vec<UserName>> {
        let name = &block.statement.name;
        let then = side.vault.roster.state_at(block.statement.roster.version)?;
        let now = self.merged.roster.state();
        let readers =
            then.environments.get(name).into_iter().flat_map(|environment| environment.grants.keys().cloned());
        let reads = |user: &UserName| {
            let [id, id_now] = [&then, now].map(|state: &State| state.users.get(user).map(|user| user.id));
            id == id_now && now.environments.get(name).is_some_and(|environment| environment.reads(user))
        };
        Ok(readers.filter(|user| !reads(user)).collect())
    }
}
