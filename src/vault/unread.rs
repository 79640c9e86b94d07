//! Decrypted environments that nobody has read: names, kinds and dates are visible, values are not. Values are returned
//! only by [`Session::read`] and similar functions, which write the log entry first.

use super::{Purpose, Session};
use crate::diff::{self, ItemDifference};
use crate::error::{Error, Reason, Result};
use crate::item::{Content, Injectable, InjectableOutline, Injectables, Item, Origin, Outline};
use crate::log::Entry;
use crate::name::{EnvironmentName, ItemName};
use crate::secret::TextPart;
use crate::signature::Hash;
use std::collections::HashSet;

/// What an environment holds, unread: all items, or those that a program gets.
pub struct Unread<T = Content> {
    /// The session that may read it.
    origin: Origin,
    environment: EnvironmentName,
    held: T,
    /// The hash of the statement of the block that a program gets this from.
    block: Option<Hash>,
    /// Whether this device has seen all names in the block.
    has_seen_names: bool,
    /// See [`Injectables::can_be_variables`].
    can_be_variables: bool,
}

/// What a program gets from an environment, unread.
pub type UnreadInjectables = Unread<Vec<Injectable>>;

/// Contents that can be read.
pub trait Held {
    /// Returns the names of the items.
    fn names(&self) -> Vec<TextPart>;
}

impl Held for Content {
    fn names(&self) -> Vec<TextPart> {
        self.items().keys().map(|name| name.as_str().into()).collect()
    }
}

impl Held for Vec<Injectable> {
    fn names(&self) -> Vec<TextPart> {
        self.iter().map(|item| item.name.clone()).collect()
    }
}

impl<T> Unread<T> {
    /// Wraps what was decrypted.
    #[must_use]
    pub(in crate::vault) fn new(session: &Session, environment: EnvironmentName, held: T) -> Self {
        Self::of(session.origin, environment, held)
    }

    /// Wraps what no session may read.
    #[cfg(test)]
    pub(crate) fn of_no_session(environment: EnvironmentName, held: T) -> Self {
        Self::of(Origin::new(), environment, held)
    }

    fn of(origin: Origin, environment: EnvironmentName, held: T) -> Self {
        Self { origin, environment, held, block: None, has_seen_names: true, can_be_variables: false }
    }

    /// Returns the environment.
    #[must_use]
    pub fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    /// Returns the session that decrypted it.
    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// Returns the log entry about all items, for this purpose.
    pub(crate) fn entry(&self, purpose: &Purpose) -> Entry
    where
        T: Held,
    {
        purpose.given(&self.environment, self.held.names())
    }

    /// Returns the content, for uses inside the library that hand no value to anybody.
    pub(in crate::vault) fn into_held(self) -> T {
        self.held
    }
}

impl Unread {
    /// Returns a copy that the same session may read.
    pub(in crate::vault) fn copy(&self) -> Self {
        Self::of(self.origin, self.environment.clone(), self.held.clone())
    }

    /// Returns the content, for comparisons inside the library.
    pub(in crate::vault) fn content(&self) -> &Content {
        &self.held
    }

    /// Returns the items.
    pub fn items(&self) -> impl Iterator<Item = Outline<'_>> {
        self.held.items().values().map(Item::outline)
    }

    /// Returns the number of items.
    #[must_use]
    pub fn count(&self) -> usize {
        self.held.items().len()
    }

    /// Returns the item of this name.
    ///
    /// # Errors
    /// The same as for [`Content::item`].
    pub fn item(&self, name: &ItemName) -> Result<Outline<'_>> {
        self.held.item(&self.environment, name).map(Item::outline)
    }

    /// Returns the item of this name, if there is one.
    #[must_use]
    pub fn get(&self, name: &ItemName) -> Option<Outline<'_>> {
        self.held.items().get(name).map(Item::outline)
    }

    /// Returns the items that differ from those in a later state of this environment.
    #[must_use]
    pub(super) fn differences<'a>(&'a self, later: &'a Self) -> Vec<ItemDifference<'a>> {
        diff::items((&self.environment, &self.held), (&later.environment, &later.held))
    }

    /// Splits the items into those that `wanted` accepts, and the others.
    #[must_use]
    pub fn split(self, wanted: impl FnMut(Outline<'_>) -> bool) -> (Self, Self) {
        let Self { origin, environment, held, .. } = self;
        let (chosen, others) = held.split(wanted);
        (Self::of(origin, environment.clone(), chosen), Self::of(origin, environment, others))
    }

    /// Keeps the items that `wanted` accepts.
    #[must_use]
    pub fn only(self, wanted: impl FnMut(Outline<'_>) -> bool) -> Self {
        self.split(wanted).0
    }

    /// Returns a copy of the items with these names that exist, for code that reads some items and keeps all.
    #[must_use]
    pub fn copy_of<'n>(&self, names: impl IntoIterator<Item = &'n ItemName>) -> Self {
        Self::of(self.origin, self.environment.clone(), self.held.copy_of(names))
    }
}

impl UnreadInjectables {
    /// Returns the items.
    pub fn items(&self) -> impl Iterator<Item = InjectableOutline<'_>> {
        self.held.iter().map(Injectable::outline)
    }

    /// Returns the hash of the block's statement, if this device has not seen all names in it.
    pub(super) fn unseen(&self) -> Option<Hash> {
        self.block.filter(|_| !self.has_seen_names)
    }

    /// Returns the environment, the block that the items are from, and their names. If all of these are the same as
    /// before, the values are, too: a change of a value is a change of the block.
    pub(crate) fn source(&self) -> (EnvironmentName, Option<Hash>, Vec<TextPart>) {
        (self.environment.clone(), self.block, self.held.names())
    }

    /// Whether each item can become the variable of its own name: see [`crate::item::variable_problem`].
    pub(crate) fn can_be_variables(&self) -> bool {
        self.can_be_variables
    }

    /// Keeps the items that `wanted` accepts.
    pub fn retain(&mut self, mut wanted: impl FnMut(InjectableOutline<'_>) -> bool) {
        self.held.retain(|item| wanted(item.outline()));
    }
}

impl Session {
    /// Decrypts an environment without returning values: see [`Session::read`]. A refusal is logged.
    ///
    /// # Errors
    /// A denied error without the right to the environment; an integrity error if the block is not valid.
    pub fn open(&self, purpose: &Purpose, name: &EnvironmentName) -> Result<Unread> {
        let held = self.content_of(name).map_err(|error| self.log_refusal(purpose.entry(name), error))?;
        Ok(Unread::new(self, name.clone(), held))
    }

    /// Does the same as [`Session::open`] for what a program gets, limited to the wanted names. Nothing else is decoded.
    ///
    /// # Errors
    /// The same as for [`Session::open`].
    pub(crate) fn open_injectables(
        &self,
        purpose: &Purpose,
        name: &EnvironmentName,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<UnreadInjectables> {
        let opened = self.injectables_of(name, wanted).map_err(|error| self.log_refusal(purpose.entry(name), error))?;
        let (Injectables { all, can_be_variables }, block) = opened;
        let has_seen_names = self.vault.has_seen_names(name, &block);
        let environment = name.clone();
        let block = Some(block);
        Ok(Unread { origin: self.origin, environment, held: all, block, has_seen_names, can_be_variables })
    }

    /// Opens every environment that this user may read. If a validly signed one can't be read, it is left out, with a
    /// warning. A refusal is logged.
    ///
    /// # Errors
    /// An integrity error if a block is not valid; under strict settings also if one can't be read.
    pub fn open_readable(&self, purpose: &Purpose) -> Result<Vec<Unread>> {
        let contents = self.contents_for(purpose)?;
        Ok(contents.into_iter().map(|(environment, held)| Unread::new(self, environment, held)).collect())
    }

    /// Returns the values, after writing a log entry which says that these items are read for this purpose. An expired item is
    /// given, too: what is refused under strict settings is up to the actions, such as [`get`](crate::actions::get).
    ///
    /// # Errors
    /// If the log can't be written, if the environment is protected and nobody confirms it, or if another session has
    /// decrypted it.
    pub fn read<T: Held>(&self, purpose: &Purpose, unread: Unread<T>) -> Result<T> {
        self.check_origin(unread.origin)?;
        self.confirm_use(&unread.environment, purpose.action(), || unread.entry(purpose))?;
        self.log(vec![unread.entry(purpose)])?;
        Ok(unread.held)
    }

    /// Does the same as [`Session::read`] for several environments, with a single write to the log, and one entry for
    /// each environment.
    ///
    /// # Errors
    /// The same as for [`Session::read`].
    pub fn read_all<T: Held>(&self, purpose: &Purpose, all: Vec<Unread<T>>) -> Result<Vec<(EnvironmentName, T)>> {
        let mut entries: Vec<Entry> = Vec::with_capacity(all.len());
        for unread in &all {
            self.check_origin(unread.origin)?;
            self.confirm_use(&unread.environment, purpose.action(), || unread.entry(purpose))?;
            let (environment, names) = (unread.environment.as_str(), unread.held.names());
            match entries.iter_mut().find(|entry| entry.environment.as_deref() == Some(environment)) {
                Some(entry) => add_new(&mut entry.items, names),
                None => entries.push(purpose.given(&unread.environment, names)),
            }
        }
        self.log(entries)?;
        Ok(all.into_iter().map(|unread| (unread.environment, unread.held)).collect())
    }

    /// Refuses an environment that another session has decrypted, before anything is said about a value in it.
    ///
    /// # Errors
    /// If another session has decrypted it.
    pub(crate) fn check_decrypted<T>(&self, unread: &Unread<T>) -> Result<()> {
        self.check_origin(unread.origin)
    }

    /// Refuses what another session has decrypted: the entry would be written to the wrong log, or without its user's
    /// confirmation.
    pub(crate) fn check_origin(&self, origin: Origin) -> Result<()> {
        match origin == self.origin {
            true => Ok(()),
            false => Err(Error::new(Reason::OtherSession, "these values were decrypted by another session")),
        }
    }

    /// Does the same as [`Session::read_all`], for comparing values with others that the caller has. The entries name
    /// no items, because no value leaves the library.
    ///
    /// # Errors
    /// The same as for [`Session::read`].
    pub(crate) fn compare_all(&self, purpose: &Purpose, all: Vec<Unread>) -> Result<Vec<(EnvironmentName, Content)>> {
        all.iter().try_for_each(|unread| self.check_origin(unread.origin))?;
        self.log(all.iter().map(|unread| purpose.given(&unread.environment, Vec::new())).collect())?;
        Ok(all.into_iter().map(|unread| (unread.environment, unread.held)).collect())
    }
}

/// Adds the names that are not in the list yet.
fn add_new(names: &mut Vec<TextPart>, more: Vec<TextPart>) {
    let known: HashSet<TextPart> = names.iter().cloned().collect();
    names.extend(more.into_iter().filter(|name| !known.contains(name)));
}
