//! The only place that decides which items in a block are valid. Every reader of a block uses it. It refuses what saving
//! would refuse, because another program may have written the block.

use super::fields::{Encoding, Text, WireItem, decode};
use crate::item::metadata::Described;
use crate::item::{MAX_HISTORY, MAX_VALUE, is_id};
use crate::name::{ItemName, UserName, VariableName};
use crate::ordered::InOrder as _;
use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// The parts of an item that a reader keeps.
pub(super) trait Reduced<'a>: Sized {
    fn reduce(wire: WireItem<'a>) -> Self;
    fn name(&self) -> &str;
}

impl<'a> Reduced<'a> for WireItem<'a> {
    fn reduce(wire: WireItem<'a>) -> Self {
        wire
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Valid items with distinct names.
pub(super) struct Items<T> {
    pub(super) all: Vec<T>,
    /// Whether an item leaves out a field that `usual` then must have.
    pub(super) need_usual: bool,
}

impl<'de, T: Reduced<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Reader(PhantomData))
    }
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Reduced<'de>> Visitor<'de> for Reader<T> {
    type Value = Items<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Items<T>, A::Error> {
        let (mut all, mut need_usual, mut is_sorted) = (Vec::<T>::new(), false, true);
        while let Some(wire) = sequence.next_element::<WireItem<'de>>()? {
            if !is_sound(&wire) {
                return Err(A::Error::custom("an item is not valid"));
            }
            need_usual |= wire.updated_at.is_none() || wire.updated_by.is_none();
            // This program writes items sorted, so the search for duplicate names is usually not needed.
            is_sorted &= all.last().is_none_or(|last| last.name() < &*wire.name);
            all.push(T::reduce(wire));
        }
        if !is_sorted && has_doubles(&all) {
            return Err(A::Error::custom("a name occurs twice"));
        }
        Ok(Items { all, need_usual })
    }
}

fn has_doubles<'a, T: Reduced<'a>>(items: &[T]) -> bool {
    let mut names: Vec<&str> = items.iter().map(Reduced::name).collect();
    names.order();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

/// Whether saving could have written such an item.
pub(super) fn is_sound(wire: &WireItem<'_>) -> bool {
    let described = Described {
        kind: wire.kind,
        note: wire.note.as_ref().map(|note| &*note.0),
        provider: wire.provider.as_ref().map(|provider| &*provider.0),
        tags: wire.tags.len(),
        deliver: wire.deliver,
        has_variable: wire.variable.is_some(),
    };
    let is_id_or_none = |id: &Option<Text<'_>>| id.as_ref().is_none_or(|id| is_id(&id.0));
    let is_user = |user: &Text<'_>| UserName::check(&user.0).is_ok();
    ItemName::check(&wire.name).is_ok()
        && described.check(&wire.name, wire.tags.iter().map(|tag| &*tag.0)).is_ok()
        && holds_value(&wire.value, wire.encoding)
        && [&wire.updated_by, &wire.set_by, &wire.owner].into_iter().flatten().all(is_user)
        && wire.variable.as_ref().is_none_or(|variable| VariableName::check(&variable.0).is_ok())
        && is_id_or_none(&wire.id)
        && is_id_or_none(&wire.set_id)
        && wire.history.len() <= MAX_HISTORY
        && wire.history.iter().all(|version| {
            is_user(&version.set_by) && is_id_or_none(&version.set_id) && holds_value(&version.value, version.encoding)
        })
}

fn holds_value(text: &str, encoding: Option<Encoding>) -> bool {
    match encoding {
        None => text.len() <= MAX_VALUE,
        Some(Encoding::Base64) => decode(Cow::Borrowed(text), encoding).is_some(),
    }
}
