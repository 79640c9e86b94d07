//! The JSON of a block's plaintext (vault-format(5), "Plaintext"). Parsing borrows where possible, is strict, and returns
//! errors that never repeat a part of the plaintext.

mod fields;
mod light;
mod plaintext;
mod quick;
mod sound;
#[cfg(test)]
mod tests;
mod write;

pub(super) use write::write;

use super::{Content, Injectables, Item, Metadata, Place, Version};
use crate::error::Result;
use crate::name::{ItemName, UserName};
use crate::secret;
use crate::time::Time;
use fields::{Text, WireItem, WireVersion, decode};
use light::{Light, injectable};
use plaintext::{Plaintext, parse, unreadable};
use sound::Items;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Parses a content. `written` is when the block was written; anchors with a later time are dropped.
pub(super) fn read(json: &[u8], place: &Place<'_>, written: Time) -> Result<Content> {
    let plaintext: Plaintext<'_, Items<WireItem<'_>>> = parse(json, place)?;
    let usual = plaintext.usual.and_then(|usual| Some((usual.updated_at, usual.updated_by.user()?)));
    let mut items = BTreeMap::new();
    for wire in plaintext.items.all {
        let item = item(wire, usual.as_ref()).ok_or_else(|| unreadable(place))?;
        items.insert(item.name.clone(), item);
    }
    let moved = items.values().filter(|item| item.id.is_some()).map(|item| item.created_at).collect();
    let mut anchors = plaintext.anchors;
    anchors.retain(|_, anchor| anchor.time <= written);
    Ok(Content { items, anchors, moved })
}

pub(super) fn read_injectables(
    json: Zeroizing<Vec<u8>>,
    place: &Place<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Injectables> {
    let whole = secret::Plaintext::new(json).ok_or_else(|| unreadable(place))?;
    match quick::read(&whole, place, wanted) {
        Some(items) => Ok(items),
        None => parse_injectables(&whole, place, wanted),
    }
}

fn parse_injectables(
    whole: &secret::Plaintext,
    place: &Place<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Injectables> {
    let plaintext: Plaintext<'_, Items<Light<'_>>> = parse(whole.as_bytes(), place)?;
    let mut items = Vec::with_capacity(plaintext.items.all.len());
    for light in plaintext.items.all {
        if wanted(&light.name) {
            items.push(injectable(whole, light).ok_or_else(|| unreadable(place))?);
        }
    }
    Ok(Injectables { all: items, can_be_variables: false })
}

/// Converts an item that [`sound::is_sound`] accepted.
fn item(wire: WireItem<'_>, usual: Option<&(Time, UserName)>) -> Option<Item> {
    let user = |text: Option<Text<'_>>| text.map(|text| text.user().ok_or(())).transpose().ok();
    let updated_at = wire.updated_at.or_else(|| usual.map(|(at, _)| *at))?;
    let updated_by = user(wire.updated_by)?.or_else(|| usual.map(|(_, by)| by.clone()))?;
    let current = Version {
        number: wire.version,
        value: decode(wire.value, wire.encoding)?,
        set_at: wire.set_at.unwrap_or(updated_at),
        set_by: user(wire.set_by)?.unwrap_or_else(|| updated_by.clone()),
        set_id: wire.set_id.map(Text::owned),
        rotate_due: wire.rotate_due,
    };
    let metadata = Metadata {
        kind: wire.kind,
        note: wire.note.map(Text::owned),
        tags: wire.tags.into_iter().map(Text::owned).collect(),
        provider: wire.provider.map(Text::owned),
        expires_at: wire.expires_at,
        rotate_after: wire.rotate_after,
        deliver: wire.deliver,
        variable: wire.variable.map(Text::variable).transpose().ok()?,
    };
    Some(Item {
        id: wire.id.map(Text::owned),
        name: ItemName::new(wire.name).ok()?,
        metadata,
        current,
        owner: user(wire.owner)?.unwrap_or_else(|| updated_by.clone()),
        created_at: wire.created_at.unwrap_or(updated_at),
        updated_at,
        updated_by,
        history: wire.history.into_iter().map(version).collect::<Option<_>>()?,
    })
}

fn version(wire: WireVersion<'_>) -> Option<Version> {
    let WireVersion { version: number, value, encoding, set_at, set_by, set_id, rotate_due } = wire;
    let (value, set_id) = (decode(value, encoding)?, set_id.map(Text::owned));
    Some(Version { number, value, set_at, set_by: set_by.user()?, set_id, rotate_due })
}
