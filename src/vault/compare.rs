//! Compares two states of the file, as far as a user can read them.
//!
//! [`Session::compare`] returns which items differ, and whether a value is among the differences, without a log entry.
//! It does so only for a user who may read the environment and who has both states. Both are signed by users who could
//! write them, so a caller can't put a guess into one: setting a value has its own entry. [`Session::read_differences`]
//! returns the values, after its entry.

use super::{Purpose, Session, Sight, Snapshot, Unread};
use crate::diff::{self, ItemDifference};
use crate::error::{Error, Reason, Result};
use crate::file::BlockStatement;
use crate::item::Content;
use crate::name::{EnvironmentName, ItemName};
use crate::ordered::Ordered as _;
use std::collections::BTreeSet;

/// An environment that differs between the two states, or exists in only one of them.
pub struct EnvironmentDifference {
    /// Which environment its values are logged as, so nobody can set another one.
    name: EnvironmentName,
    before: Option<BlockStatement>,
    after: Option<BlockStatement>,
    contents: Contents,
}

/// The contents of an environment before and after.
enum Contents {
    /// Everything in both states, while nobody has read a value.
    Unread(Box<(Unread, Unread)>),
    /// The items that differ, with their values.
    Read(Box<(Content, Content)>),
    /// The reason why one of the states can't be read, in words.
    Outline(String),
}

impl EnvironmentDifference {
    /// Returns the environment's name.
    #[must_use]
    pub fn name(&self) -> &EnvironmentName {
        &self.name
    }

    /// Returns the signed statement before; `None` if the environment did not exist.
    #[must_use]
    pub fn before(&self) -> Option<&BlockStatement> {
        self.before.as_ref()
    }

    /// Returns the signed statement after; `None` if the environment no longer exists.
    #[must_use]
    pub fn after(&self) -> Option<&BlockStatement> {
        self.after.as_ref()
    }

    /// Returns the items that differ, as far as they can be read.
    #[must_use]
    pub fn items(&self) -> Vec<ItemDifference<'_>> {
        match &self.contents {
            Contents::Unread(both) => both.0.differences(&both.1),
            Contents::Read(both) => diff::items((&self.name, &both.0), (&self.name, &both.1)),
            Contents::Outline(_) => Vec::new(),
        }
    }

    /// Returns the reason why one of the states can't be read, in words. Nothing is known about its items then.
    #[must_use]
    pub fn why_unreadable(&self) -> Option<&str> {
        match &self.contents {
            Contents::Outline(why) => Some(why),
            Contents::Unread(_) | Contents::Read(_) => None,
        }
    }

    /// Returns the contents before and after, if their values were read.
    #[must_use]
    pub fn values(&self) -> Option<(&Content, &Content)> {
        match &self.contents {
            Contents::Read(both) => Some((&both.0, &both.1)),
            Contents::Unread(_) | Contents::Outline(_) => None,
        }
    }

    /// Returns the names of the items that differ, before and after.
    fn names(&self) -> BTreeSet<ItemName> {
        let items = self.items();
        items
            .iter()
            .flat_map(|item| item.before().into_iter().chain(item.after()))
            .map(|item| item.name().clone())
            .ordered()
    }
}

impl Session {
    /// Compares the wanted environments of two states. `None` stands for a state without environments.
    ///
    /// # Errors
    /// An integrity error if something that differs is not validly signed, or the states belong to different vaults; an
    /// unlock error if the agent has stopped.
    pub fn compare(
        &self,
        before: Option<&Snapshot>,
        after: Option<&Snapshot>,
        wanted: impl Fn(&EnvironmentName) -> bool,
    ) -> Result<Vec<EnvironmentDifference>> {
        let sides = [before, after].into_iter().flatten();
        if sides.clone().any(|side| side.roster().id() != self.vault.id()) {
            return Err(Error::new(Reason::OtherVault, "these are two different vaults")
                .hint(("name revisions since the vault was made: ", self.vault.git_log())));
        }
        let names: BTreeSet<_> = sides.flat_map(Snapshot::environments).filter(|name| wanted(name)).ordered();
        let is_same =
            |name: &EnvironmentName| before.zip(after).is_some_and(|(before, after)| before.has_same(after, name));
        names.into_iter().filter(|name| !is_same(name)).map(|name| self.difference(name, before, after)).collect()
    }

    /// Reads the values of the items that differ, after writing the entries to the access log.
    ///
    /// # Errors
    /// The same as for [`Session::read`].
    pub fn read_differences(
        &self,
        purpose: &Purpose,
        differences: Vec<EnvironmentDifference>,
    ) -> Result<Vec<EnvironmentDifference>> {
        let (mut entries, mut read) = (Vec::new(), Vec::new());
        for mut difference in differences {
            let names = difference.names();
            difference.contents = match difference.contents {
                Contents::Unread(both) if !names.is_empty() => {
                    self.check_origin(both.0.origin())?;
                    let items = names.iter().map(|name| name.as_str().into()).collect();
                    let entry = purpose.given(&difference.name, items);
                    self.confirm_use(&difference.name, purpose.action(), || entry.clone())?;
                    entries.push(entry);
                    let differing = |unread: Unread| unread.only(|item| names.contains(item.name())).into_held();
                    Contents::Read(Box::new((differing(both.0), differing(both.1))))
                }
                contents => contents,
            };
            read.push(difference);
        }
        if !entries.is_empty() {
            self.log(entries)?;
        }
        Ok(read)
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
        let look = |side: Option<&Snapshot>| {
            let nothing = || Ok(Sight::Content(Unread::new(self, name.clone(), Content::default())));
            side.map_or_else(nothing, |side| self.look(side, name))
        };
        let contents = match (look(before)?, look(after)?) {
            (Sight::Content(before), Sight::Content(after)) => Contents::Unread(Box::new((before, after))),
            (_, Sight::Outline(why)) | (Sight::Outline(why), _) => Contents::Outline(why),
        };
        Ok(EnvironmentDifference { name: name.clone(), before: statement(before)?, after: statement(after)?, contents })
    }
}
