//! What has to be decrypted for a merge, and what it comes to.

use super::again::MadeAgain;
use super::side::SideFile;
use super::{Merge, Part, not_by};
use crate::error::{Error, Kind, Result};
use crate::file::Block;
use crate::item::{Content, Place};
use crate::log::{Action, Entry};
use crate::merge::items::{Merging, merge};
use crate::merge::{Fork, Side};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Right, Roster};
use crate::time::Time;
use crate::vault::Session;
use crate::vault::edit::error_of;
use std::collections::BTreeMap;

/// A merge with everything decrypted that it needs.
pub struct Opened<'m> {
    pub(super) merge: &'m Merge,
    pub(super) roster: Roster,
    pub(super) parts: BTreeMap<EnvironmentName, Part>,
    contents: BTreeMap<EnvironmentName, Contents>,
    warnings: Vec<String>,
}

struct Contents {
    base: Content,
    ours: Content,
    theirs: Content,
}

impl Merge {
    /// The merge where no key is needed: one roster goes on from the other, and each environment was changed on one side at
    /// most.
    ///
    /// # Errors
    /// Never for sides that were verified.
    pub fn without_key(&self) -> Result<Option<Opened<'_>>> {
        let Fork::Longer(side) = self.fork else { return Ok(None) };
        let roster = self.roster_of(side).clone();
        let parts = self.parts(&roster)?;
        if !parts.values().all(|part| matches!(part, Part::Taken(_))) {
            return Ok(None);
        }
        let warnings = self.lost_with_environments(&roster);
        Ok(Some(Opened { merge: self, roster, parts, contents: BTreeMap::new(), warnings }))
    }

    /// Decrypts what both sides have changed, after the access log says so.
    ///
    /// # Errors
    /// A denied error if this user may not write what has to be merged; an integrity error if it can't be read.
    pub fn open(&self, session: &Session) -> Result<Opened<'_>> {
        let MadeAgain { roster, left_out } = match self.fork {
            Fork::Longer(side) => MadeAgain { roster: self.roster_of(side).clone(), left_out: Vec::new() },
            Fork::Both => self.make_again(self.own_side(session)?, session)?,
        };
        let parts = self.parts(&roster)?;
        let mut opened = Opened { merge: self, roster, parts, contents: BTreeMap::new(), warnings: left_out };
        opened.warnings.extend(self.lost_with_environments(&opened.roster));
        let names: Vec<EnvironmentName> = opened.to_merge().cloned().collect();
        for name in &names {
            let entry = Entry::new(Action::Merge).environment(name);
            let right = session.check_right_in(&opened.roster, name, Right::Write);
            right.map_err(|error| session.log_refusal(entry, not_by(&error, &opened.roster, name)))?;
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
    /// The side whose changes of users and rights are all of this user's making, and whose keys the user has.
    fn own_side(&self, session: &Session) -> Result<Side> {
        let head = session.vault.roster.head();
        let is_own =
            |side: &Side| self.sole_author(*side) == Some(session.user()) && self.roster_of(*side).head() == head;
        let own = Side::BOTH.into_iter().find(is_own);
        own.ok_or_else(|| Error::denied(format!("neither side's changes are all by {}", session.user())))
    }
}

impl Opened<'_> {
    /// What is merged although whoever saved it may not write the environment any more, in words.
    #[must_use]
    pub fn by_former_writers(&self) -> Vec<String> {
        self.merge.by_former_writers(&self.roster)
    }

    /// What there is to say beside, such as that an environment was removed which the other side had changed.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The merged roster.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// What each of the environments comes to that had to be decrypted.
    #[must_use]
    pub fn environments(&self) -> Vec<Merging<'_>> {
        let contents = self.contents.iter();
        contents.map(|(name, Contents { base, ours, theirs })| merge(name, base, ours, theirs)).collect()
    }

    /// The environments that are taken whole from a side which has changed them, and from which.
    pub fn taken(&self) -> impl Iterator<Item = (&EnvironmentName, Side)> {
        self.parts.iter().filter_map(|(name, part)| {
            let hash = |side: Side| self.merge.side(side).hash(name);
            match part {
                Part::Taken(side) if hash(Side::Ours) != hash(Side::Theirs) => Some((name, *side)),
                _ => None,
            }
        })
    }

    pub(super) fn to_merge(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.parts.iter().filter(|(_, part)| !matches!(part, Part::Taken(_))).map(|(name, _)| name)
    }

    fn read(&mut self, name: &EnvironmentName, session: &Session) -> Result<Contents> {
        let merge = self.merge;
        if let Some(Part::Renewed(side)) = self.parts.get(name).copied() {
            let content = self.content(merge.side(side), name, session, &side.to_string())?;
            // What the other one holds is only compared with, to say what is new.
            let other = merge.side(side.other());
            let before = match other.hash(name) {
                Some(_) => {
                    self.content(other, name, session, &side.other().to_string()).unwrap_or_else(|_| content.clone())
                }
                None => Content::default(),
            };
            return Ok(match side {
                Side::Ours => Contents { base: before.clone(), theirs: before, ours: content },
                Side::Theirs => Contents { base: before.clone(), ours: before, theirs: content },
            });
        }
        let ours = self.content(&merge.ours, name, session, "this branch")?;
        let theirs = self.content(&merge.theirs, name, session, "the change being applied")?;
        let base = self.before(name, session)?;
        Ok(Contents { base, ours, theirs })
    }

    /// What both sides went on from, if that is known and readable. Without it nothing that is there on one side is taken for
    /// removed.
    fn before(&mut self, name: &EnvironmentName, session: &Session) -> Result<Content> {
        let merge = self.merge;
        let known = merge.base.as_ref().filter(|base| base.hash(name).is_some());
        let Some(base) = known else { return Ok(Content::default()) };
        match self.content(base, name, session, "the last version that both sides have") {
            Err(error) if matches!(error.kind(), Kind::Integrity | Kind::Denied) => {
                self.warnings.push(format!("{error}: items of {name} that one side has removed are kept"));
                Ok(Content::default())
            }
            read => read,
        }
    }

    fn content(&mut self, side: &SideFile, name: &EnvironmentName, session: &Session, what: &str) -> Result<Content> {
        let (block, sealed) = side.sealed(name)?;
        let statement = &block.statement;
        let id = self.roster.id();
        let readers = side.vault.roster.state().environment(name)?.grants.keys();
        let place = readers.take_while(|reader| *reader != session.user()).count();
        let plaintext = session.keys.open(&sealed.bytes, place, &id).map_err(|error| error_of(statement, &error))?;
        let plaintext = plaintext.ok_or_else(|| {
            Error::denied(format!("environment {name} of {what} was not encrypted for {}", session.user()))
                .hint(format!("{} can merge: they write {name}", super::writers(&self.roster, name)))
        })?;
        let place = Place { vault: &id, environment: name, version: statement.version };
        let content = Content::from_json(&plaintext, &place, statement.written());
        let mut content = content.map_err(|error| error_of(statement, &error))?;
        if let Some(lost) = self.lost_at(side, block)? {
            content.mark_all_due(lost);
            let warning = format!(
                "somebody who has lost their right on {name} could read what {what} holds: replace what they knew (vault list \
                 --due -e {name})"
            );
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
        Ok(content)
    }

    /// When somebody who could read this block last lost that right, if anybody did.
    fn lost_at(&self, side: &SideFile, block: &Block) -> Result<Option<Time>> {
        let (name, seen) = (&block.statement.name, block.statement.roster);
        if self.roster.contains(seen) {
            return Ok(self.roster.losses(name, seen.version)?.last().copied());
        }
        let readers = side.vault.roster.state_at(seen.version)?;
        let readers = readers.environments.get(name).into_iter().flat_map(|of| of.grants.keys().cloned());
        let reads = |user: &UserName| self.roster.state().environments.get(name).is_some_and(|of| of.reads(user));
        if readers.into_iter().any(|user| !reads(&user)) {
            return Ok(Some(Time::now()));
        }
        let shared = side.vault.roster.fork(&self.roster).map_or(0, |last| last.version);
        Ok(self.roster.losses(name, shared)?.last().copied())
    }
}
