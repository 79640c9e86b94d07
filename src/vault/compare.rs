//! What differs between two states of the file, as far as a user can see it.

use super::{Session, Sight, Snapshot};
use crate::diff::{self, ItemDifference};
use crate::error::{Error, Result};
use crate::file::BlockStatement;
use crate::item::Content;
use crate::name::EnvironmentName;
use std::collections::BTreeSet;

/// An environment that is not the same in both states, or is in one of them only.
#[derive(Debug)]
pub struct EnvironmentDifference {
    /// Its name.
    pub name: EnvironmentName,
    /// What its author stated before; none where it was not there.
    pub before: Option<BlockStatement>,
    /// What its author states after; none where it is not there.
    pub after: Option<BlockStatement>,
    /// What it holds before and after.
    pub contents: Contents,
}

/// What two states of an environment hold.
#[derive(Debug)]
pub enum Contents {
    /// All of it.
    Seen(Box<(Content, Content)>),
    /// One of them can't be seen, and why, in words.
    Outline(String),
}

impl EnvironmentDifference {
    /// The items that differ, as far as they can be seen.
    #[must_use]
    pub fn items(&self) -> Vec<ItemDifference<'_>> {
        match &self.contents {
            Contents::Seen(both) => diff::items((&self.name, &both.0), (&self.name, &both.1)),
            Contents::Outline(_) => Vec::new(),
        }
    }
}

impl Session {
    /// Compares the environments of two states that are wanted; no state is one in which nothing was there.
    ///
    /// # Errors
    /// An integrity error if something that differs is not validly signed, or the two are different vaults; an unlock error
    /// if the agent has ended.
    pub fn compare(
        &self,
        before: Option<&Snapshot>,
        after: Option<&Snapshot>,
        wanted: impl Fn(&EnvironmentName) -> bool,
    ) -> Result<Vec<EnvironmentDifference>> {
        let sides = [before, after].into_iter().flatten();
        if sides.clone().any(|side| side.roster().id() != self.vault.id()) {
            return Err(Error::integrity("these are two different vaults")
                .hint("name revisions since the vault was made: git log -- secrets.vault"));
        }
        let names: BTreeSet<_> = sides.flat_map(Snapshot::environments).filter(|name| wanted(name)).collect();
        let is_same =
            |name: &EnvironmentName| before.zip(after).is_some_and(|(before, after)| before.has_same(after, name));
        names.into_iter().filter(|name| !is_same(name)).map(|name| self.difference(name, before, after)).collect()
    }

    fn difference(
        &self,
        name: &EnvironmentName,
        before: Option<&Snapshot>,
        after: Option<&Snapshot>,
    ) -> Result<EnvironmentDifference> {
        let statement = |side: Option<&Snapshot>| {
            side.map_or(Ok(None), |side| side.statement(name).map(Option::<&BlockStatement>::cloned))
        };
        let look =
            |side: Option<&Snapshot>| side.map_or(Ok(Sight::Content(Content::default())), |side| self.look(side, name));
        let contents = match (look(before)?, look(after)?) {
            (Sight::Content(before), Sight::Content(after)) => Contents::Seen(Box::new((before, after))),
            (_, Sight::Outline(why)) | (Sight::Outline(why), _) => Contents::Outline(why),
        };
        Ok(EnvironmentDifference { name: name.clone(), before: statement(before)?, after: statement(after)?, contents })
    }
}
