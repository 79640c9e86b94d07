//! What an environment holds: its items by name, and the anchors of logs.

use super::{Anchor, Item, MAX_DEVICES, MAX_VALUE, Metadata, Outline, Place, Version, random_id, wire};
use crate::error::{Error, Reason, Remedy, Result};
use crate::name::{EnvironmentName, ItemName, UserName, closest};
use crate::ordered::Ordered as _;
use crate::secret::SecretBytes;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use zeroize::Zeroizing;

/// What an environment holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    pub(super) items: BTreeMap<ItemName, Item>,
    pub(super) anchors: BTreeMap<String, Anchor>,
    /// When those items were created that keep an id because they were created elsewhere.
    pub(super) moved: BTreeSet<Time>,
}

impl Content {
    /// Reads the plaintext of a block that was written then, and checks that it belongs there. Anchors of a later time are
    /// left out.
    ///
    /// # Errors
    /// An integrity error that repeats nothing of it.
    pub fn from_json(json: &[u8], place: &Place<'_>, written: Time) -> Result<Self> {
        wire::read(json, place, written)
    }

    /// What holds these items, each as it is.
    #[must_use]
    pub fn of_items(items: impl IntoIterator<Item = Item>) -> Self {
        let items: BTreeMap<ItemName, Item> = items.into_iter().map(|item| (item.name.clone(), item)).ordered();
        let moved = items.values().filter(|item| item.id.is_some()).map(|item| item.created_at).collect();
        Self { items, anchors: BTreeMap::new(), moved }
    }

    /// The plaintext of a block.
    #[must_use]
    pub fn to_json(&self, place: &Place<'_>) -> Zeroizing<Vec<u8>> {
        wire::write(self, place)
    }

    /// All items by name.
    #[must_use]
    pub fn items(&self) -> &BTreeMap<ItemName, Item> {
        &self.items
    }

    /// The items that `wanted` accepts, and the others; the anchors stay with the first.
    #[must_use]
    pub fn split(self, mut wanted: impl FnMut(Outline<'_>) -> bool) -> (Self, Self) {
        let (items, others) = self.items.into_iter().partition(|(_, item)| wanted(item.outline()));
        (Self { items, ..self }, Self { items: others, ..Self::default() })
    }

    /// A copy of the items of these names, as far as they are there, without the anchors.
    #[must_use]
    pub fn copy_of<'n>(&self, names: impl IntoIterator<Item = &'n ItemName>) -> Self {
        let chosen = names.into_iter().filter_map(|name| self.items.get_key_value(name));
        Self { items: chosen.map(|(name, item)| (name.clone(), item.clone())).collect(), ..Self::default() }
    }

    /// How many bytes its JSON takes at most: a byte of text or of a value becomes six if it has to be escaped.
    #[must_use]
    pub fn bound(&self) -> usize {
        const ITEM: usize = 1024;
        const VERSION: usize = 256;
        let of = |item: &Item| {
            let versions = std::iter::once(&item.current).chain(&item.history);
            let text = [&item.metadata.note, &item.metadata.provider].into_iter().flatten().chain(&item.metadata.tags);
            let text = text.map(String::len).sum::<usize>();
            ITEM + 6 * text + versions.map(|version| VERSION + 6 * version.value.len()).sum::<usize>()
        };
        self.items.values().map(of).sum::<usize>() + 512 * (1 + self.anchors.len())
    }

    /// The item of this name.
    ///
    /// # Errors
    /// A not-found error, with a hint that names a similar one.
    pub fn item(&self, environment: &EnvironmentName, name: &ItemName) -> Result<&Item> {
        self.items.get(name).ok_or_else(|| no_item(environment, name, self.items.keys()))
    }

    /// Sets a value: a new item with this metadata, or a new version of an existing item. Returns its number.
    ///
    /// # Errors
    /// A usage error if the value is too large or the metadata can't be.
    pub fn set(
        &mut self,
        name: &ItemName,
        value: SecretBytes,
        metadata: &Metadata,
        by: &UserName,
        now: Time,
    ) -> Result<u32> {
        metadata.check(name)?;
        if value.len() > MAX_VALUE {
            return Err(Error::usage(format!("the value of {name} is larger than {} KiB", MAX_VALUE >> 10))
                .hint("a vault is for secrets and settings; keep large files elsewhere and their key here"));
        }
        if let Some(item) = self.items.get_mut(name) {
            item.renew(value, by, now)?;
            item.metadata = metadata.clone();
            return Ok(item.current.number);
        }
        let item = Item {
            // One that has the usual id may have been moved away in the very second in which its name is used again.
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

    /// Changes the metadata alone.
    ///
    /// # Errors
    /// If the item is not there or the metadata can't be.
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
    /// If it is not there.
    pub fn remove(&mut self, environment: &EnvironmentName, name: &ItemName) -> Result<Item> {
        let removed = self.items.remove(name).ok_or_else(|| no_item(environment, name, self.items.keys()))?;
        Ok(Item { id: Some(removed.id(environment)), ..removed })
    }

    /// Adds an item under another name, with its history.
    ///
    /// # Errors
    /// A usage error if the name is taken or can't be.
    pub fn insert(&mut self, mut item: Item, name: &ItemName, by: &UserName, now: Time) -> Result<()> {
        item.metadata.check(name)?;
        if self.items.contains_key(name) {
            return Err(Error::new(Reason::Exists, format!("{name} already exists"))
                .hint(("remove it first: ", Remedy::RemoveItem)));
        }
        item.name = name.clone();
        self.moved.extend(item.id.is_some().then_some(item.created_at));
        item.touch(by, now);
        self.items.insert(name.clone(), item);
        Ok(())
    }

    /// The last known entry of every device's log.
    #[must_use]
    pub fn anchors(&self) -> &BTreeMap<String, Anchor> {
        &self.anchors
    }

    /// Keeps these anchors and no others.
    pub fn retain_anchors(&mut self, mut is_kept: impl FnMut(&str, &Anchor) -> bool) {
        self.anchors.retain(|device, anchor| is_kept(device, anchor));
    }

    /// Notes an entry of a device's log; a lower number changes nothing, unless it is somebody else's who gave the device
    /// their own. Where there are too many devices, the one that was heard of longest ago is dropped.
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
    let error = Error::new(Reason::NoItem, format!("there is no item {environment}/{name}"));
    match closest(name.as_str(), known.map(ItemName::as_str)) {
        Some(known) => error.hint(format!("did you mean {environment}/{known}?")),
        None => error.hint(("to see the names: ", Remedy::List(environment.to_string()))),
    }
}
