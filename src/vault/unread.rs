//! What was decrypted and nobody has read: names, kinds and dates show, values don't. A value comes out by
//! [`Session::read`] and its kin, which write the log entry first.

use super::{Purpose, Session};
use crate::diff::{self, ItemDifference};
use crate::error::{Error, Result};
use crate::format::export::{self, Target, Written};
use crate::item::{Content, Injectable, InjectableOutline, Item, Kind, Outline};
use crate::log::Entry;
use crate::name::{EnvironmentName, ItemName};
use crate::ordered::{InOrder as _, Ordered as _};
use crate::secret::TextPart;
use crate::signature::Hash;
use std::collections::{BTreeSet, HashSet};

/// What an environment holds, unread: all of it, or what a program gets.
pub struct Unread<T = Content> {
    environment: EnvironmentName,
    held: T,
    /// The statement of the block it is from, if this device has not seen all names in it.
    unseen: Option<Hash>,
}

/// What a program gets of an environment, unread.
pub type UnreadInjectables = Unread<Vec<Injectable>>;

/// Under which name an item is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenAs {
    /// Its own.
    Item,
    /// That of the variable which holds its value.
    Variable,
}

/// Items that a format can't carry exactly.
pub struct Uncarried {
    /// Their names.
    pub names: BTreeSet<ItemName>,
    /// Which they are and why, if there are any; never a value.
    pub refusal: Option<Error>,
}

/// What can be read.
pub trait Held {
    /// The names of the items.
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
    /// Holds what the caller has already.
    #[must_use]
    pub fn new(environment: EnvironmentName, held: T) -> Self {
        Self { environment, held, unseen: None }
    }

    /// The environment.
    #[must_use]
    pub fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    /// For what the library does with values that it gives to nobody.
    pub(in crate::vault) fn into_held(self) -> T {
        self.held
    }
}

impl Unread {
    /// The items.
    pub fn items(&self) -> impl Iterator<Item = Outline<'_>> {
        self.held.items().values().map(Item::outline)
    }

    /// How many items there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.held.items().len()
    }

    /// The item of this name.
    ///
    /// # Errors
    /// As [`Content::item`].
    pub fn item(&self, name: &ItemName) -> Result<Outline<'_>> {
        self.held.item(&self.environment, name).map(Item::outline)
    }

    /// The item of this name, if there is one.
    #[must_use]
    pub fn get(&self, name: &ItemName) -> Option<Outline<'_>> {
        self.held.items().get(name).map(Item::outline)
    }

    /// The items that differ from those of another time, in this environment.
    #[must_use]
    pub(super) fn differences<'a>(&'a self, later: &'a Self) -> Vec<ItemDifference<'a>> {
        diff::items((&self.environment, &self.held), (&later.environment, &later.held))
    }

    /// The items that `wanted` takes, and the others.
    #[must_use]
    pub fn split(self, wanted: impl FnMut(Outline<'_>) -> bool) -> (Self, Self) {
        let Self { environment, held, unseen: _ } = self;
        let (chosen, others) = held.split(wanted);
        (Self::new(environment.clone(), chosen), Self::new(environment, others))
    }

    /// The items that `wanted` takes.
    #[must_use]
    pub fn only(self, wanted: impl FnMut(Outline<'_>) -> bool) -> Self {
        self.split(wanted).0
    }

    /// A copy of the items of these names, as far as they are there: for who reads some and keeps all.
    #[must_use]
    pub fn copy_of<'n>(&self, names: impl IntoIterator<Item = &'n ItemName>) -> Self {
        Self::new(self.environment.clone(), self.held.copy_of(names))
    }

    /// Which items a format can't carry exactly, where each is written under its own name or as a variable.
    #[must_use]
    pub fn uncarried<'t>(all: &[Self], target: impl Into<Target<'t>>, named: WrittenAs) -> Uncarried {
        let exported = match named {
            WrittenAs::Item => exported,
            WrittenAs::Variable => exported_as_variable,
        };
        let held = || all.iter().flat_map(|unread| unread.held.items().values());
        let mut items: Vec<_> = held().map(exported).collect();
        items.order_by_key(|item| item.name);
        let Written { refused, refusal, .. } = export::write_carried(target, &items);
        let refused: BTreeSet<String> = refused.into_iter().ordered();
        let names = held().filter(|item| refused.contains(exported(item).name)).map(|item| item.name.clone());
        Uncarried { names: names.ordered(), refusal }
    }
}

impl UnreadInjectables {
    /// The items.
    pub fn items(&self) -> impl Iterator<Item = InjectableOutline<'_>> {
        self.held.iter().map(Injectable::outline)
    }

    /// The statement of the block that these are from, if this device has not seen all names in it.
    pub(super) fn unseen(&self) -> Option<Hash> {
        self.unseen
    }

    /// Keeps the items that `wanted` takes.
    pub fn retain(&mut self, mut wanted: impl FnMut(InjectableOutline<'_>) -> bool) {
        self.held.retain(|item| wanted(item.outline()));
    }

    /// Whether this is what was given before: the same items with the same values and kinds.
    #[must_use]
    pub(crate) fn is_as_given(&self, environment: &EnvironmentName, items: &[Injectable]) -> bool {
        let same = |(a, b): (&Injectable, &Injectable)| {
            let is_delivered_alike = a.deliver == b.deliver && a.variable == b.variable;
            a.name == b.name && a.kind == b.kind && is_delivered_alike && a.value == b.value
        };
        self.environment == *environment && self.held.len() == items.len() && self.held.iter().zip(items).all(same)
    }
}

/// An item as the variable that holds its value, for [`export::write`].
#[must_use]
pub fn exported_as_variable(item: &Item) -> export::Item<'_> {
    export::Item { name: item.outline().value_variable(), ..exported(item) }
}

/// An item under its own name, for [`export::write`].
#[must_use]
pub fn exported(item: &Item) -> export::Item<'_> {
    export::Item {
        name: item.name.as_str(),
        value: &item.current.value,
        is_variable: item.metadata.kind == Kind::Variable,
        note: item.metadata.note.as_deref(),
    }
}

impl Session {
    /// Decrypts an environment and gives no value of it: see [`Session::read`]. That it was refused is logged.
    ///
    /// # Errors
    /// A denied error without the right to it; an integrity error if the block is not valid.
    pub fn open(&self, purpose: &Purpose, name: &EnvironmentName) -> Result<Unread> {
        let held = self.content_of(name).map_err(|error| self.log_refusal(purpose.entry(name), error))?;
        Ok(Unread::new(name.clone(), held))
    }

    /// As [`Session::open`], of what a program gets, for those names that are wanted. Nothing else is decoded.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn open_injectables(
        &self,
        purpose: &Purpose,
        name: &EnvironmentName,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<UnreadInjectables> {
        let opened = self.injectables_of(name, wanted).map_err(|error| self.log_refusal(purpose.entry(name), error))?;
        let (held, block) = opened;
        let unseen = (!self.vault.has_seen_names(name, &block)).then_some(block);
        Ok(Unread { environment: name.clone(), held, unseen })
    }

    /// Every environment that this user may read. One whose content can't be read, although its signature is right, is
    /// warned of and left out.
    ///
    /// # Errors
    /// An integrity error if a block is not valid; with `--strict` also if one can't be read.
    pub fn open_readable(&self) -> Result<Vec<Unread>> {
        let contents = self.contents_with_losses()?;
        Ok(contents.into_iter().map(|(environment, held)| Unread::new(environment, held)).collect())
    }

    /// Gives values, once the log says that these items are read for this purpose. See [`Session::confirm`].
    ///
    /// # Errors
    /// If the log can't be written, or if the environment is protected and nobody confirms it.
    pub fn read<T: Held>(&self, purpose: &Purpose, unread: Unread<T>) -> Result<T> {
        self.confirm_use(&unread.environment, purpose.action())?;
        self.log(vec![purpose.given(&unread.environment, unread.held.names())])?;
        Ok(unread.held)
    }

    /// As [`Session::read`], of several environments: with one write, and one entry for each environment.
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn read_all<T: Held>(&self, purpose: &Purpose, all: Vec<Unread<T>>) -> Result<Vec<(EnvironmentName, T)>> {
        let mut entries: Vec<Entry> = Vec::with_capacity(all.len());
        for unread in &all {
            self.confirm_use(&unread.environment, purpose.action())?;
            let (environment, names) = (unread.environment.as_str(), unread.held.names());
            match entries.iter_mut().find(|entry| entry.environment.as_deref() == Some(environment)) {
                Some(entry) => add_new(&mut entry.items, names),
                None => entries.push(purpose.given(&unread.environment, names)),
            }
        }
        self.log(entries)?;
        Ok(all.into_iter().map(|unread| (unread.environment, unread.held)).collect())
    }

    /// As [`Session::read_all`], to compare values with others that are at hand: the entries name no items, because none
    /// of them leaves the library.
    ///
    /// # Errors
    /// As [`Session::read`].
    pub(crate) fn compare_all(&self, purpose: &Purpose, all: Vec<Unread>) -> Result<Vec<(EnvironmentName, Content)>> {
        self.log(all.iter().map(|unread| purpose.given(&unread.environment, Vec::new())).collect())?;
        Ok(all.into_iter().map(|unread| (unread.environment, unread.held)).collect())
    }
}

/// Adds the names that are not among the first yet.
fn add_new(names: &mut Vec<TextPart>, more: Vec<TextPart>) {
    let known: HashSet<TextPart> = names.iter().cloned().collect();
    names.extend(more.into_iter().filter(|name| !known.contains(name)));
}
