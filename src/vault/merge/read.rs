//! Decrypts what the sides of a merge, and their common ancestor, hold of an environment.

use super::open::Contents;
use super::{Opened, Part};
use crate::error::{Error, Hint, Kind, Result};
use crate::item::Content;
use crate::merge::Side;
use crate::merge::items::in_common;
use crate::name::EnvironmentName;
use crate::vault::side::SideFile;
use crate::vault::{Session, Warning, WarningReason};

impl Opened<'_> {
    /// Decrypts both sides of an environment and their common ancestor.
    pub(super) fn read(&mut self, name: &EnvironmentName, session: &Session) -> Result<Contents> {
        let doubted: Vec<Side> =
            self.doubts.iter().filter(|doubt| doubt.environment == *name).map(|doubt| doubt.side).collect();
        if let Some(Part::Renewed(side)) = self.parts.get(name).copied() {
            return self.read_renewed(name, side, doubted, session);
        }
        let origin = session.origin;
        let read = Side::BOTH.map(|side| self.content_of(side, name, session));
        let (ours, theirs) = match (read, self.merge.decided.get(name)) {
            ([Ok(ours), Err(error)], Some(Side::Ours)) => {
                self.give_up(name, Side::Theirs, &error);
                return Ok(Contents { base: ours.clone(), theirs: ours.clone(), ours, doubted: Vec::new(), origin });
            }
            ([Err(error), Ok(theirs)], Some(Side::Theirs)) => {
                self.give_up(name, Side::Ours, &error);
                return Ok(Contents {
                    base: theirs.clone(),
                    ours: theirs.clone(),
                    theirs,
                    doubted: Vec::new(),
                    origin,
                });
            }
            ([ours, theirs], _) => {
                let ours = ours.map_err(|error| self.or_the_other(name, Side::Ours, error))?;
                (ours, theirs.map_err(|error| self.or_the_other(name, Side::Theirs, error))?)
            }
        };
        let base = self.before(name, session)?;
        Ok(Contents { base, ours, theirs, doubted, origin })
    }

    /// Decrypts what one side holds, to be encrypted again. The content of the other side is used for comparison only:
    /// it shows what is new or, in case of doubt, what to ask about.
    fn read_renewed(
        &mut self,
        name: &EnvironmentName,
        side: Side,
        doubted: Vec<Side>,
        session: &Session,
    ) -> Result<Contents> {
        let other = side.other();
        let is_other_there = self.merge.hash_under(&self.merged, other, name).is_some();
        let takes_other = is_other_there && self.merge.decided.get(name) == Some(&other);
        let content = match self.content_of(side, name, session) {
            Err(error) if takes_other => {
                self.give_up(name, side, &error);
                self.content_of(other, name, session)?
            }
            content => content.map_err(|error| self.or_the_other(name, side, error))?,
        };
        let before = match is_other_there {
            false => Content::default(),
            true if !doubted.is_empty() => self.content_of(other, name, session)?,
            true => self.side_content(other, name, session).unwrap_or_else(|_| content.clone()),
        };
        let origin = session.origin;
        Ok(match side {
            Side::Ours => Contents { base: before.clone(), theirs: before, ours: content, doubted, origin },
            Side::Theirs => Contents { base: before.clone(), ours: before, theirs: content, doubted, origin },
        })
    }

    /// Decrypts the content of a side that the merge may take values from. Users who could read it and have lost that
    /// right know these values, so they are recorded.
    fn content_of(&mut self, side: Side, name: &EnvironmentName, session: &Session) -> Result<Content> {
        let content = self.side_content(side, name, session)?;
        self.note_exposed(side, name)?;
        Ok(content)
    }

    fn side_content(&self, side: Side, name: &EnvironmentName, session: &Session) -> Result<Content> {
        self.content(self.merge.side(side), name, session, &self.merge.names.words(side))
    }

    /// Adds the way out to the error for an unreadable side: the user can take the other side. So nobody can block a
    /// merge by writing something that can't be read.
    fn or_the_other(&self, name: &EnvironmentName, side: Side, error: Error) -> Error {
        let has = |side: Side| self.merge.roster_of(side).state().environments.contains_key(name);
        if !matches!(error.kind(), Kind::Integrity | Kind::Denied) || !has(side.other()) {
            return error;
        }
        let words = self.merge.names.words(side.other());
        let instead = Hint::from((format!("to take {name} as {words} has it: "), super::taking(side.other(), name)));
        match (error.kind(), error.advice().cloned()) {
            (Kind::Denied, Some(hint)) => error.hint(Hint::joined([hint, instead], "; ")),
            _ => {
                let message = format!("{}: {error}", self.merge.names.words(side));
                error.reworded(message).hint(instead)
            }
        }
    }

    fn give_up(&mut self, name: &EnvironmentName, side: Side, error: &Error) {
        let words = self.merge.names.words(side);
        let what = format!("nothing of {name} is taken from {words}: {error}");
        self.warnings.push(Warning::new(WarningReason::SideLeftOut, what));
    }

    /// Returns the content of the common ancestor, if it is known and can be read. Otherwise the result is empty, and
    /// then nothing that one side has counts as removed on the other.
    fn before(&mut self, name: &EnvironmentName, session: &Session) -> Result<Content> {
        let merge = self.merge;
        let mut before = Content::default();
        if let Some(bases) = merge.other_bases(name) {
            for base in &bases {
                before = in_common(name, &before, &self.base(base, name, session)?);
            }
        } else if let Some(base) = merge.base.as_ref().filter(|base| base.hash(name).is_some()) {
            before = self.base(base, name, session)?;
        }
        Ok(before)
    }

    fn base(&mut self, base: &SideFile, name: &EnvironmentName, session: &Session) -> Result<Content> {
        match self.content(base, name, session, "the last version that both sides have") {
            Err(error) if matches!(error.kind(), Kind::Integrity | Kind::Denied) => {
                let what = format!("{error}: items of {name} that one side has removed are kept");
                self.warnings.push(Warning::new(WarningReason::RemovalsUndone, what));
                Ok(Content::default())
            }
            read => read,
        }
    }
}
