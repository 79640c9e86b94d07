//! The content of an environment: its items by name, and the anchors of logs.

use super::{Anchor, Item, MAX_DEVICES, Metadata, Outline, Version, check_value, random_id};
use crate::error::{Error, Reason, Remedy, Result};
use crate::name::{EnvironmentName, ItemName, NamedItem, UserName, closest};
use crate::ordered::Ordered as _;
use crate::secret::SecretBytes;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// The content of an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    pub(super) items: BTreeMap<ItemName, Item>,
    pub(super) anchors: BTreeMap<String, Anchor>,
    /// The creation times of the items with a stored id, which were created elsewhere.
    pub(super) moved: BTreeSet<Time>,
}

impl Content {
    /// Returns a content with these items, unchanged. They are not checked: each comes from another content, or from a merge
    /// of two.
    #[must_use]
    pub(crate) fn of_items(items: impl IntoIterator<Item = Item>) -> Self {
        let items: BTreeMap<ItemName, Item> = items.into_iter().map(|item| (item.name.clone(), item)).ordered();
        let moved = items.values().filter(|item| item.id.is_some()).map(|item| item.created_at).collect();
        Self { items, anchors: BTreeMap::new(), moved }
    }

    /// Returns all items, by name.
    #[must_use]
    pub fn items(&self) -> &BTreeMap<ItemName, Item> {
        &self.items
    }

    /// Splits the content into the items that `wanted` accepts and the others. The anchors stay with the former.
    #[must_use]
    pub fn split(self, mut wanted: impl FnMut(Outline<'_>) -> bool) -> (Self, Self) {
        let (items, others) = self.items.into_iter().partition(|(_, item)| wanted(item.outline()));
        (Self { items, ..self }, Self { items: others, ..Self::default() })
    }

    /// Returns a copy of the items with these names, as far as they exist, without the anchors.
    #[must_use]
    pub fn copy_of<'n>(&self, names: impl IntoIterator<Item = &'n ItemName>) -> Self {
        let chosen = names.into_iter().filter_map(|name| self.items.get_key_value(name));
        Self { items: chosen.map(|(name, item)| (name.clone(), item.clone())).collect(), ..Self::default() }
    }

    /// Returns the names of the items that are not the same in both, including those that only one of them has.
    #[must_use]
    pub(crate) fn differing(&self, other: &Self) -> Vec<ItemName> {
        let added = other.items.keys().filter(|name| !self.items.contains_key(*name));
        let names = self.items.keys().chain(added);
        names.filter(|name| self.items.get(*name) != other.items.get(*name)).cloned().collect()
    }

    /// Returns the maximum length of the JSON in bytes. A byte of text or of a value takes up to six bytes if it is
    /// escaped.
    #[must_use]
    pub(crate) fn bound(&self) -> usize {
        const ITEM: usize = 1024;
        const VERSION: usize = 256;
        let size = |item: &Item| {
            let versions = std::iter::once(&item.current).chain(&item.history);
            let text = [&item.metadata.note, &item.metadata.provider].into_iter().flatten().chain(&item.metadata.tags);
            let text = text.map(String::len).sum::<usize>();
            ITEM + 6 * text + versions.map(|version| VERSION + 6 * version.value.len()).sum::<usize>()
        };
        self.items.values().map(size).sum::<usize>() + 512 * (1 + self.anchors.len())
    }

    /// Returns the item of this name.
    ///
    /// # Errors
    /// A not-found error, with a hint that names a similar item.
    pub fn item(&self, environment: &EnvironmentName, name: &ItemName) -> Result<&Item> {
        self.items.get(name).ok_or_else(|| no_item(environment, name, self.items.keys()))
    }

    /// Sets a value and the metadata, for a new item or as a new version of an existing one. Returns the version's
    /// number.
    ///
    /// # Errors
    /// A usage error if the value is too large or the metadata is not valid.
    pub fn set(
        &mut self,
        name: &ItemName,
        value: SecretBytes,
        metadata: &Metadata,
        by: &UserName,
        now: Time,
    ) -> Result<u32> {
        metadata.check(name)?;
        check_value(name, &value)?;
        if let Some(item) = self.items.get_mut(name) {
            item.renew(value, by, now)?;
            item.metadata = metadata.clone();
            return Ok(item.current.number);
        }
        let item = Item {
            // An item with the same derived id may have been moved away in the same second in which its name is used
            // again.
            id: self.moved.contains(&now).then(random_id).transpose()?,
            name: name.clone(),
            metadata: metadata.clone(),
            current: Version { number: 1, value, set_at: now, set_by: by.clone(), set_id: None, rotate_due: None },
            owner: by.clone(),
            created_at: now,
            updated_at: now,
            updated_by: by.clone(),
            history: Vec::new(),
        };
        self.items.insert(name.clone(), item);
        Ok(1)
    }

    /// Changes only the metadata of an item.
    ///
    /// # Errors
    /// If there is no such item, or the metadata is not valid.
    pub fn describe(
        &mut self,
        environment: &EnvironmentName,
        name: &ItemName,
        metadata: Metadata,
        by: &UserName,
        now: Time,
    ) -> Result<()> {
        metadata.check(name)?;
        self.item(environment, name)?;
        if let Some(item) = self.items.get_mut(name) {
            item.metadata = metadata;
            item.touch(by, now);
        }
        Ok(())
    }

    /// Removes and returns an item.
    ///
    /// # Errors
    /// If there is no such item.
    pub fn remove(&mut self, environment: &EnvironmentName, name: &ItemName) -> Result<Item> {
        let removed = self.items.remove(name).ok_or_else(|| no_item(environment, name, self.items.keys()))?;
        Ok(Item { id: Some(removed.id(environment)), ..removed })
    }

    /// Adds an item under this name, with its history.
    ///
    /// # Errors
    /// A usage error if the name is taken or doesn't fit the metadata, or if the item is not within the limits.
    pub fn insert(&mut self, mut item: Item, name: &ItemName, by: &UserName, now: Time) -> Result<()> {
        item.check(name)?;
        if self.items.contains_key(name) {
            return Err(Error::new(Reason::Exists, format!("{name} already exists")));
        }
        item.name = name.clone();
        self.moved.extend(item.id.is_some().then_some(item.created_at));
        item.touch(by, now);
        self.items.insert(name.clone(), item);
        Ok(())
    }

    /// Returns the last known entry of every device's log.
    #[must_use]
    pub fn anchors(&self) -> &BTreeMap<String, Anchor> {
        &self.anchors
    }

    /// Keeps only the anchors that `is_kept` accepts.
    pub(crate) fn retain_anchors(&mut self, mut is_kept: impl FnMut(&str, &Anchor) -> bool) {
        self.anchors.retain(|device, anchor| is_kept(device, anchor));
    }

    /// Sets the anchor of a device's log. A lower number changes nothing, unless the known anchor is another user's, who
    /// claimed the device. If there are too many devices, the one with the oldest anchor is dropped.
    pub fn anchor(&mut self, device: &str, anchor: Anchor) {
        if self.anchors.len() >= MAX_DEVICES && !self.anchors.contains_key(device) {
            let oldest = self.anchors.iter().min_by_key(|(_, anchor)| anchor.time).map(|(device, _)| device.clone());
            oldest.and_then(|oldest| self.anchors.remove(&oldest));
        }
        match self.anchors.get_mut(device) {
            Some(known) if known.user == anchor.user && known.number >= anchor.number => {}
            Some(known) => *known = anchor,
            None => {
                self.anchors.insert(device.to_owned(), anchor);
            }
        }
    }
}

fn no_item<'a>(environment: &EnvironmentName, name: &ItemName, known: impl Iterator<Item = &'a ItemName>) -> Error {
    let item = NamedItem::within(environment, name);
    let error = Error::new(Reason::NoItem, format!("there is no item {item}"));
    match closest(name.as_str(), known.map(ItemName::as_str)) {
        Some(known) => {
            let known = NamedItem::within(environment, known);
            error.hint(format!("did you mean {known}?"))
        }
        None => error.hint(("to see the names: ", Remedy::List(environment.to_string()))),
    }
}
