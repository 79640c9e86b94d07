//! What has to be decrypted for a merge, and what it comes to.

use super::again::MadeAgain;
use super::doubt::Doubt;
use super::side::SideFile;
use super::{Merge, Part, not_by};
use crate::error::{Error, Kind, Remedy, Result};
use crate::file::Block;
use crate::item::{Content, Item, Place};
use crate::log::{Action, Entry};
use crate::merge::items::{Merging, merge};
use crate::merge::{Applied, Fork, Side};
use crate::name::{EnvironmentName, UserName};
use crate::ordered::Ordered as _;
use crate::roster::{Right, Roster};
use crate::time::Time;
use crate::vault::edit::error_of;
use crate::vault::{Session, Warning};
use std::collections::{BTreeMap, BTreeSet};

/// A merge with everything decrypted that it needs.
pub struct Opened<'m> {
    pub(super) merge: &'m Merge,
    pub(super) roster: Roster,
    pub(super) parts: BTreeMap<EnvironmentName, Part>,
    contents: BTreeMap<EnvironmentName, Contents>,
    doubts: Vec<Doubt>,
    /// The environments that somebody could read who has lost that right.
    exposed: BTreeMap<EnvironmentName, BTreeSet<UserName>>,
    warnings: Vec<Warning>,
}

struct Contents {
    base: Content,
    ours: Content,
    theirs: Content,
    doubted: Vec<Side>,
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
        Ok(Some(self.opened(roster, parts)?))
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
        let mut opened = self.opened(roster, parts)?;
        opened.warnings.extend(left_out.into_iter().map(plain));
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
    fn opened(&self, roster: Roster, parts: BTreeMap<EnvironmentName, Part>) -> Result<Opened<'_>> {
        let mut warnings = self.put_back_warnings(&roster)?;
        warnings.extend(self.lost_with_environments(&roster).into_iter().map(plain));
        let doubts = self.doubts(&roster)?;
        Ok(Opened { merge: self, roster, parts, contents: BTreeMap::new(), doubts, exposed: BTreeMap::new(), warnings })
    }

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
    /// Of which side's changes nothing is taken without a person, and why, in words.
    pub fn doubts(&self) -> impl Iterator<Item = &str> {
        self.doubts.iter().map(|doubt| &*doubt.why)
    }

    /// Whether it matters what git applies, and nobody says what it is: of a branch that is merged both sides come from the
    /// base, and of a commit that is picked or reverted they need not.
    #[must_use]
    pub fn needs_to_know_what_is_applied(&self) -> bool {
        let (merge, roster) = (self.merge, &self.roster);
        let matters = |name: &EnvironmentName| {
            let is_there = Side::BOTH.iter().all(|side| merge.hash_under(roster, *side, name).is_some());
            let is_known = merge.base.as_ref().is_some_and(|base| base.hash(name).is_some());
            let comes_from_base = |side: &Side| merge.comes_from_base(name, *side).unwrap_or_default();
            is_there && is_known && !Side::BOTH.iter().all(comes_from_base)
        };
        merge.applied() == Applied::Unknown && self.parts.keys().any(matters)
    }

    /// What there is to say beside, such as that an environment was removed which the other side had changed.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = self.warnings.clone();
        let users: BTreeSet<&str> = self.exposed.values().flatten().map(UserName::as_str).ordered();
        let names: Vec<&str> = self.exposed.keys().map(EnvironmentName::as_str).collect();
        if !names.is_empty() {
            let users = users.into_iter().collect::<Vec<_>>().join(", ");
            let who = if users.is_empty() { "somebody" } else { &users };
            let text = format!("{who}, who has lost that right, could read values of {}", names.join(", "));
            warnings.push(Warning { text, hint: Some(("replace what they knew: ", Remedy::ListDue(None)).into()) });
        }
        warnings
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
        contents.map(|(name, of)| merge(name, [&of.base, &of.ours, &of.theirs], &of.doubted)).collect()
    }

    /// The environments that are taken whole from a side which has changed them, from which, and whether the other one has
    /// not changed them at all.
    pub fn taken(&self) -> impl Iterator<Item = (&EnvironmentName, Side, bool)> {
        self.parts.iter().filter_map(|(name, part)| {
            let hash = |side: Side| self.merge.side(side).hash(name);
            let before = self.merge.base.as_ref().map(|base| base.hash(name));
            match part {
                Part::Taken(side) if hash(Side::Ours) != hash(Side::Theirs) => {
                    Some((name, *side, before.is_none_or(|before| before == hash(side.other()))))
                }
                _ => None,
            }
        })
    }

    pub(super) fn to_merge(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.parts.iter().filter(|(_, part)| !matches!(part, Part::Taken(_))).map(|(name, _)| name)
    }

    fn read(&mut self, name: &EnvironmentName, session: &Session) -> Result<Contents> {
        let merge = self.merge;
        let doubted: Vec<Side> =
            self.doubts.iter().filter(|doubt| doubt.environment == *name).map(|doubt| doubt.side).collect();
        if let Some(Part::Renewed(side)) = self.parts.get(name).copied() {
            let content = self.content(merge.side(side), name, session, &merge.names.words(side))?;
            let other = side.other();
            // What the other one holds is only compared with: to say what is new or, in doubt, to ask about it.
            let before = match merge.side(other).hash(name) {
                None => Content::default(),
                Some(_) => match self.content(merge.side(other), name, session, &merge.names.words(other)) {
                    Err(_) if doubted.is_empty() => content.clone(),
                    before => before?,
                },
            };
            return Ok(match side {
                Side::Ours => Contents { base: before.clone(), theirs: before, ours: content, doubted },
                Side::Theirs => Contents { base: before.clone(), ours: before, theirs: content, doubted },
            });
        }
        let [ours, theirs] =
            Side::BOTH.map(|side| self.content(merge.side(side), name, session, &merge.names.words(side)));
        let base = self.before(name, session)?;
        Ok(Contents { base, ours: ours?, theirs: theirs?, doubted })
    }

    /// What both sides went on from, if that is known and readable. Without it nothing that is there on one side is taken for
    /// removed.
    fn before(&mut self, name: &EnvironmentName, session: &Session) -> Result<Content> {
        let merge = self.merge;
        let mut before = Content::default();
        if let Some(bases) = merge.other_bases(name) {
            for base in &bases {
                before = newest_of_each(name, &before, &self.base(base, name, session)?);
            }
        } else if let Some(base) = merge.base.as_ref().filter(|base| base.hash(name).is_some()) {
            before = self.base(base, name, session)?;
        }
        Ok(before)
    }

    fn base(&mut self, base: &SideFile, name: &EnvironmentName, session: &Session) -> Result<Content> {
        match self.content(base, name, session, "the last version that both sides have") {
            Err(error) if matches!(error.kind(), Kind::Integrity | Kind::Denied) => {
                self.warnings.push(plain(format!("{error}: items of {name} that one side has removed are kept")));
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
            let readers = self.former_readers(side, block)?;
            self.exposed.entry(name.clone()).or_default().extend(readers);
        }
        Ok(content)
    }

    /// When somebody who could read this block last lost that right, if anybody did.
    fn lost_at(&self, side: &SideFile, block: &Block) -> Result<Option<Time>> {
        let (name, seen) = (&block.statement.name, block.statement.roster);
        if self.roster.contains(seen) {
            return Ok(self.roster.losses(name, seen.version)?.last().copied());
        }
        if !self.former_readers(side, block)?.is_empty() {
            return Ok(Some(Time::now()));
        }
        let shared = side.vault.roster.fork(&self.roster).map_or(0, |last| last.version);
        Ok(self.roster.losses(name, shared)?.last().copied())
    }

    /// Who could read a block when it was saved, and can't read its environment now.
    fn former_readers(&self, side: &SideFile, block: &Block) -> Result<Vec<UserName>> {
        let name = &block.statement.name;
        let then = side.vault.roster.state_at(block.statement.roster.version)?;
        let readers = then.environments.get(name).into_iter().flat_map(|of| of.grants.keys().cloned());
        let reads = |user: &UserName| self.roster.state().environments.get(name).is_some_and(|of| of.reads(user));
        Ok(readers.filter(|user| !reads(user)).collect())
    }
}

fn plain(text: String) -> Warning {
    Warning { text, hint: None }
}

/// Of each item the state that was changed last: what branches that merged each other have in common.
fn newest_of_each(environment: &EnvironmentName, one: &Content, other: &Content) -> Content {
    let mut newest: BTreeMap<String, Item> = BTreeMap::new();
    for item in one.items().values().chain(other.items().values()) {
        let id = item.id(environment);
        if newest.get(&id).is_none_or(|known| known.updated_at < item.updated_at) {
            newest.insert(id, item.clone());
        }
    }
    Content::of_items(newest.into_values())
}
