//! The JSON of a block's plaintext (vault-format(5), "Plaintext"). Parsing borrows where possible, is strict, and returns
//! errors that never repeat a part of the plaintext.

mod quick;
mod sound;
#[cfg(test)]
mod tests;
mod write;

pub(super) use write::write;

use super::{
    Anchor, Content, Deliver, Injectable, Injectables, Item, Kind, MAX_DEVICES, MAX_VALUE, Metadata, Place, Version,
    is_id,
};
use crate::error::{Error, Result};
use crate::name::{ItemName, UserName, VariableName};
use crate::secret::{self, SecretBytes, SecretPart, TextPart};
use crate::signature::Hash;
use crate::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sound::{Items, Reduced};
use std::borrow::Cow;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plaintext<'a, I> {
    id: Hash,
    #[serde(borrow)]
    environment: Cow<'a, str>,
    version: u32,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    usual: Option<Usual<'a>>,
    items: I,
    anchors: BTreeMap<String, Anchor>,
}

/// Fields that most items have in common, for example after an import. Those items leave them out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Usual<'a> {
    updated_at: Time,
    #[serde(borrow)]
    updated_by: Text<'a>,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    Base64,
}

/// Text that is borrowed even in an `Option`.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    fn owned(self) -> String {
        self.0.into_owned()
    }

    fn variable(self) -> Result<VariableName> {
        VariableName::new(self.0)
    }

    fn user(self) -> Option<UserName> {
        UserName::new(self.0).ok()
    }
}

/// An item. Default values are left out, because decoding is most of what `exec` does: the kind `secret`, version 1, a
/// derived id, and values equal to `updated_at` and `updated_by`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireItem<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoding: Option<Encoding>,
    #[serde(default, skip_serializing_if = "is_secret")]
    kind: Kind,
    #[serde(default = "first", skip_serializing_if = "is_first")]
    version: u32,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    id: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<Time>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    updated_by: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set_at: Option<Time>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    set_by: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    set_id: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<Time>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    owner: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    note: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    provider: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotate_after: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotate_due: Option<Time>,
    #[serde(default, skip_serializing_if = "is_variable")]
    deliver: Deliver,
    #[serde(borrow, default, rename = "as", skip_serializing_if = "Option::is_none")]
    variable: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    history: Vec<WireVersion<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireVersion<'a> {
    version: u32,
    #[serde(borrow)]
    value: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoding: Option<Encoding>,
    set_at: Time,
    #[serde(borrow)]
    set_by: Text<'a>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    set_id: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotate_due: Option<Time>,
}

/// The parts of an item that `exec` uses.
struct Light<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
    encoding: Option<Encoding>,
    kind: Kind,
    expires_at: Option<Time>,
    deliver: Deliver,
    variable: Option<Text<'a>>,
}

impl<'a> Reduced<'a> for WireItem<'a> {
    fn of(wire: WireItem<'a>) -> Self {
        wire
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl<'a> Reduced<'a> for Light<'a> {
    fn of(wire: WireItem<'a>) -> Self {
        let WireItem { name, value, encoding, kind, expires_at, deliver, variable, .. } = wire;
        Self { name, value, encoding, kind, expires_at, deliver, variable }
    }

    fn name(&self) -> &str {
        &self.name
    }
}

fn first() -> u32 {
    1
}

// serde passes references.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_first(version: &u32) -> bool {
    *version == 1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_secret(kind: &Kind) -> bool {
    *kind == Kind::Secret
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_variable(deliver: &Deliver) -> bool {
    *deliver == Deliver::Variable
}

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

/// Converts an item. A name and a value without escapes stay in the plaintext, without a copy.
fn injectable(whole: &secret::Plaintext, light: Light<'_>) -> Option<Injectable> {
    let Light { name, value, encoding, kind, expires_at, deliver, variable } = light;
    let part = match (&value, encoding) {
        (Cow::Borrowed(text), None) if text.len() <= MAX_VALUE => SecretPart::within(whole, text),
        _ => None,
    };
    let value = match part {
        Some(part) => part,
        None => decode(value, encoding)?.into(),
    };
    let variable = variable.map(Text::variable).transpose().ok()?.map(Box::new);
    Some(Injectable { name: TextPart::within(whole, &name), kind, value, expires_at, deliver, variable })
}

/// Parses a plaintext and checks everything but its signature. Drops serde's own message, because it can contain a value.
fn parse<'a, T: Reduced<'a>>(json: &'a [u8], place: &Place<'_>) -> Result<Plaintext<'a, Items<T>>> {
    let text = std::str::from_utf8(json).map_err(|_| unreadable(place))?;
    let plaintext = serde_json::from_str(text).map_err(|_| unreadable(place))?;
    check(&plaintext, place)?;
    Ok(plaintext)
}

fn check<T>(plaintext: &Plaintext<'_, Items<T>>, place: &Place<'_>) -> Result<()> {
    if plaintext.id != *place.vault
        || plaintext.environment != place.environment.as_str()
        || plaintext.version != place.version
    {
        return Err(Error::integrity(format!("environment {} holds data that belongs elsewhere", place.environment)));
    }
    let devices = &plaintext.anchors;
    let usual = plaintext.usual.as_ref().map(|usual| UserName::check(&usual.updated_by.0).is_ok());
    let is_sound = devices.len() <= MAX_DEVICES
        && devices.keys().all(|device| is_id(device))
        && usual.unwrap_or(!plaintext.items.need_usual);
    if is_sound { Ok(()) } else { Err(unreadable(place)) }
}

fn unreadable(place: &Place<'_>) -> Error {
    Error::integrity(format!("environment {} holds something this program can't read", place.environment))
        .hint("it was made by a newer version of vault: update")
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

fn decode(text: Cow<'_, str>, encoding: Option<Encoding>) -> Option<SecretBytes> {
    let bytes = match encoding {
        None => text.into_owned().into_bytes(),
        Some(Encoding::Base64) => BASE64.decode(text.as_bytes()).ok()?,
    };
    (bytes.len() <= MAX_VALUE).then(|| SecretBytes::new(bytes))
}
