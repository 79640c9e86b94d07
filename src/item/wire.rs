//! The JSON of a block's plaintext (vault-format(5), "Plaintext"): borrowed where it can be, strict, and with errors
//! that never repeat a part of it.

use super::{
    Anchor, Content, Injectable, Item, Kind, MAX_DEVICES, MAX_HISTORY, MAX_VALUE, Metadata, Place, Version, is_id,
};
use crate::error::{Error, Result};
use crate::name::{ItemName, UserName};
use crate::secret::SecretBytes;
use crate::signature::Hash;
use crate::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plaintext<'a, T> {
    id: Hash,
    #[serde(borrow)]
    environment: Cow<'a, str>,
    version: u32,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    usual: Option<Usual<'a>>,
    items: Vec<T>,
    anchors: BTreeMap<String, Anchor>,
}

/// What most items have in common, an import for example; those leave it out.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Usual<'a> {
    updated_at: Time,
    #[serde(borrow)]
    updated_by: Cow<'a, str>,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    Base64,
}

/// What is the usual case is left out, because decoding is most of what `exec` does: the kind of a secret, version 1, an
/// id that follows from the rest, and what is the same as `updated_at` and `updated_by`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireItem<'a> {
    name: ItemName,
    #[serde(borrow)]
    value: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoding: Option<Encoding>,
    #[serde(default, skip_serializing_if = "is_secret")]
    kind: Kind,
    #[serde(default = "first", skip_serializing_if = "is_first")]
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_by: Option<UserName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set_by: Option<UserName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<UserName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotate_after: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotate_due: Option<Time>,
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
    set_by: UserName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotate_due: Option<Time>,
}

/// The same item, with everything skipped that `exec` has no use for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "the skipped fields are named so that unknown ones are still refused")]
struct WireInjectable<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
    #[serde(default)]
    encoding: Option<Encoding>,
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    expires_at: Option<Time>,
    #[serde(default)]
    id: Option<IgnoredAny>,
    #[serde(default)]
    updated_at: Option<IgnoredAny>,
    #[serde(default)]
    updated_by: Option<IgnoredAny>,
    #[serde(default)]
    version: Option<IgnoredAny>,
    #[serde(default)]
    set_at: Option<IgnoredAny>,
    #[serde(default)]
    set_by: Option<IgnoredAny>,
    #[serde(default)]
    owner: Option<IgnoredAny>,
    #[serde(default)]
    created_at: Option<IgnoredAny>,
    #[serde(default)]
    note: Option<IgnoredAny>,
    #[serde(default)]
    tags: Option<IgnoredAny>,
    #[serde(default)]
    provider: Option<IgnoredAny>,
    #[serde(default)]
    rotate_after: Option<IgnoredAny>,
    #[serde(default)]
    rotate_due: Option<IgnoredAny>,
    #[serde(default)]
    history: Option<IgnoredAny>,
}

fn first() -> u32 {
    1
}

// serde hands references over.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_first(version: &u32) -> bool {
    *version == 1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_secret(kind: &Kind) -> bool {
    *kind == Kind::Secret
}

pub(super) fn read(json: &[u8], place: &Place<'_>) -> Result<Content> {
    let plaintext: Plaintext<'_, WireItem<'_>> = parse(json, place)?;
    let usual = plaintext.usual.map(|usual| Ok((usual.updated_at, UserName::new(usual.updated_by)?))).transpose();
    let usual = usual.map_err(|_: Error| unreadable(place))?;
    let mut items = BTreeMap::new();
    for wire in plaintext.items {
        let item = item(wire, usual.as_ref()).ok_or_else(|| unreadable(place))?;
        if items.insert(item.name.clone(), item).is_some() {
            return Err(unreadable(place));
        }
    }
    let moved = items.values().filter(|item| item.id.is_some()).map(|item| item.created_at).collect();
    Ok(Content { items, anchors: plaintext.anchors, moved })
}

pub(super) fn read_injectables(
    json: &[u8],
    place: &Place<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Injectable>> {
    let plaintext: Plaintext<'_, WireInjectable<'_>> = parse(json, place)?;
    let wanted = plaintext.items.into_iter().filter(|wire| wanted(&wire.name));
    wanted
        .map(|wire| {
            let value = decode(wire.value, wire.encoding).ok_or_else(|| unreadable(place))?;
            let name = ItemName::new(wire.name).map_err(|_| unreadable(place))?.into();
            Ok(Injectable { name, kind: wire.kind, value, expires_at: wire.expires_at })
        })
        .collect()
}

/// Parses and compares what the plaintext repeats. serde's own message is dropped: it can hold a value.
fn parse<'a, T: Deserialize<'a>>(json: &'a [u8], place: &Place<'_>) -> Result<Plaintext<'a, T>> {
    let text = std::str::from_utf8(json).map_err(|_| unreadable(place))?;
    let plaintext: Plaintext<'_, T> = serde_json::from_str(text).map_err(|_| unreadable(place))?;
    if plaintext.id != *place.vault
        || plaintext.environment != place.environment.as_str()
        || plaintext.version != place.version
    {
        return Err(Error::integrity(format!("environment {} holds the data of another place", place.environment)));
    }
    if plaintext.anchors.len() > MAX_DEVICES || !plaintext.anchors.keys().all(|device| is_id(device)) {
        return Err(unreadable(place));
    }
    Ok(plaintext)
}

fn unreadable(place: &Place<'_>) -> Error {
    Error::integrity(format!("environment {} holds something this program can't read", place.environment))
        .hint("it was made by a newer version of vault: update")
}

/// The bounds hold here, too: who writes a block need not be this program.
fn item(wire: WireItem<'_>, usual: Option<&(Time, UserName)>) -> Option<Item> {
    if wire.history.len() > MAX_HISTORY || wire.id.as_ref().is_some_and(|id| !is_id(id)) {
        return None;
    }
    let updated_at = wire.updated_at.or_else(|| usual.map(|(at, _)| *at))?;
    let updated_by = wire.updated_by.or_else(|| usual.map(|(_, by)| by.clone()))?;
    let current = Version {
        number: wire.version,
        value: decode(wire.value, wire.encoding)?,
        set_at: wire.set_at.unwrap_or(updated_at),
        set_by: wire.set_by.unwrap_or_else(|| updated_by.clone()),
        rotate_due: wire.rotate_due,
    };
    let history = wire.history.into_iter().map(version).collect::<Option<_>>()?;
    let metadata = Metadata {
        kind: wire.kind,
        note: wire.note,
        tags: wire.tags,
        provider: wire.provider,
        expires_at: wire.expires_at,
        rotate_after: wire.rotate_after,
    };
    metadata.check(&wire.name).ok()?;
    Some(Item {
        id: wire.id,
        name: wire.name,
        metadata,
        current,
        owner: wire.owner.unwrap_or_else(|| updated_by.clone()),
        created_at: wire.created_at.unwrap_or(updated_at),
        updated_at,
        updated_by,
        history,
    })
}

fn version(wire: WireVersion<'_>) -> Option<Version> {
    let WireVersion { version: number, value, encoding, set_at, set_by, rotate_due } = wire;
    Some(Version { number, value: decode(value, encoding)?, set_at, set_by, rotate_due })
}

fn decode(text: Cow<'_, str>, encoding: Option<Encoding>) -> Option<SecretBytes> {
    let bytes = match encoding {
        None => text.into_owned().into_bytes(),
        Some(Encoding::Base64) => BASE64.decode(text.as_bytes()).ok()?,
    };
    (bytes.len() <= MAX_VALUE).then(|| SecretBytes::new(bytes))
}

fn encode(value: &SecretBytes) -> (Cow<'_, str>, Option<Encoding>) {
    match value.as_str() {
        Some(text) => (Cow::Borrowed(text), None),
        None => (Cow::Owned(BASE64.encode(&**value)), Some(Encoding::Base64)),
    }
}

pub(super) fn write(content: &Content, place: &Place<'_>) -> Zeroizing<Vec<u8>> {
    let usual = usual(content);
    let plaintext = Plaintext {
        id: *place.vault,
        environment: Cow::Borrowed(place.environment.as_str()),
        version: place.version,
        items: content.items.values().map(|item| wire_item(item, usual)).collect(),
        usual: usual.map(|(updated_at, by)| Usual { updated_at, updated_by: Cow::Borrowed(by.as_str()) }),
        anchors: content.anchors.clone(),
    };
    // Sized for the worst case, six bytes for a control character, so that the buffer never moves and leaves no copy
    // behind; untouched pages cost nothing.
    let values =
        content.items.values().map(|item| 2048 + item.versions().map(|v| 256 + 6 * v.value.len()).sum::<usize>());
    let mut json = Zeroizing::new(Vec::with_capacity(1024 + content.anchors.len() * 256 + values.sum::<usize>()));
    // Writing maps with text keys to memory cannot fail.
    let _ = serde_json::to_writer(&mut *json, &plaintext);
    json
}

/// When most items were changed last, and by whom, if that holds for more than one.
fn usual(content: &Content) -> Option<(Time, &UserName)> {
    let mut counts: BTreeMap<(Time, &UserName), usize> = BTreeMap::new();
    for item in content.items.values() {
        *counts.entry((item.updated_at, &item.updated_by)).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count > 1).max_by_key(|(_, count)| *count).map(|(usual, _)| usual)
}

fn wire_item<'a>(item: &'a Item, usual: Option<(Time, &UserName)>) -> WireItem<'a> {
    let Item { id, name, metadata, current, owner, created_at, updated_at, updated_by, history } = item;
    let Metadata { kind, note, tags, provider, expires_at, rotate_after } = metadata.clone();
    let (value, encoding) = encode(&current.value);
    let other_user = |user: &UserName| (user != updated_by).then(|| user.clone());
    let other_time = |time: Time| (time != *updated_at).then_some(time);
    let is_usual = usual == Some((*updated_at, updated_by));
    WireItem {
        id: id.clone(),
        name: name.clone(),
        kind,
        version: current.number,
        value,
        encoding,
        set_at: other_time(current.set_at),
        set_by: other_user(&current.set_by),
        owner: other_user(owner),
        created_at: other_time(*created_at),
        updated_at: (!is_usual).then_some(*updated_at),
        updated_by: (!is_usual).then(|| updated_by.clone()),
        note,
        tags,
        provider,
        expires_at,
        rotate_after,
        rotate_due: current.rotate_due,
        history: history.iter().map(wire_version).collect(),
    }
}

fn wire_version(version: &Version) -> WireVersion<'_> {
    let Version { number, value, set_at, set_by, rotate_due } = version;
    let (value, encoding) = encode(value);
    WireVersion { version: *number, value, encoding, set_at: *set_at, set_by: set_by.clone(), rotate_due: *rotate_due }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::EnvironmentName;
    use proptest::prelude::*;

    fn round_trip(values: &[Vec<u8>]) -> Result<()> {
        let environment = EnvironmentName::new("dev")?;
        let place = Place { vault: &Hash::of(b"v"), environment: &environment, version: 3 };
        let (user, now) = (UserName::new("mia")?, Time::now());
        let mut content = Content::default();
        for (number, value) in values.iter().enumerate() {
            let name = ItemName::new(format!("N{}", number % 3))?;
            content.set(&name, SecretBytes::new(value.clone()), &Metadata::default(), &user, now)?;
        }
        let json = content.to_json(&place);
        assert_eq!(Content::from_json(&json, &place)?, content);
        let light = injectables_of(&json, &place)?;
        assert!(light.iter().all(|(name, value)| content.items[name.as_str()].current.value == *value));
        assert_eq!(light.len(), content.items.len());
        Ok(())
    }

    fn injectables_of(json: &[u8], place: &Place<'_>) -> Result<Vec<(String, SecretBytes)>> {
        Ok(read_injectables(json, place, &|_| true)?.into_iter().map(|item| (item.name, item.value)).collect())
    }

    proptest! {
        #[test]
        fn e3_any_bytes_come_back(values in proptest::collection::vec(any::<Vec<u8>>(), 0..20)) {
            round_trip(&values).unwrap();
        }
    }

    #[test]
    fn e3_awkward_values_come_back() {
        let values: [&[u8]; 9] =
            [b"", b"\0", b"\n", b"a\r\nb", b"a  ", b"\xff", "é\u{2028}".as_bytes(), b"\"\\/", b"\x1b]52;"];
        round_trip(&values.map(<[u8]>::to_vec)).unwrap();
    }

    #[test]
    fn an_item_keeps_its_id_when_it_is_renamed_and_its_old_name_gets_another() {
        let dev = EnvironmentName::new("dev").unwrap();
        let place = Place { vault: &Hash::of(b"v"), environment: &dev, version: 3 };
        let (user, now) = (UserName::new("mia").unwrap(), Time::now());
        let names = ["A", "B", "C"].map(|name| ItemName::new(name).unwrap());
        let mut content = Content::default();
        let set = |content: &mut Content, name| {
            content.set(name, SecretBytes::new(vec![1]), &Metadata::default(), &user, now).unwrap();
            Content::from_json(&content.to_json(&place), &place).unwrap()
        };
        set(&mut content, &names[2]);
        content = set(&mut content, &names[0]);
        let id = content.items[&names[0]].id(&dev);
        let item = content.remove(&dev, &names[0]).unwrap();
        content.insert(item, &names[1], &user, now).unwrap();
        content = set(&mut content, &names[0]);
        assert_eq!(content.items[&names[1]].id(&dev), id);
        let ids: std::collections::BTreeSet<_> = content.items.values().map(|item| item.id(&dev)).collect();
        assert_eq!(ids.len(), 3);
    }

    fn anchor(number: u64, time: &str) -> Anchor {
        Anchor { segment: 1, number, hash: Hash::ZERO, time: Time::parse(time).unwrap() }
    }

    #[test]
    fn anchors_of_no_device_or_of_too_many_are_refused() {
        let dev = EnvironmentName::new("dev").unwrap();
        let place = Place { vault: &Hash::of(b"v"), environment: &dev, version: 3 };
        let read = |devices: Vec<String>| {
            let anchors = devices.into_iter().map(|device| (device, anchor(1, "2026-01-01T00:00:00Z"))).collect();
            let json = Content { anchors, ..Content::default() }.to_json(&place);
            Content::from_json(&json, &place).and(injectables_of(&json, &place).map(|_| ())).is_ok()
        };
        let names = |count: usize| (0..count).map(|number| format!("{number:032x}")).collect::<Vec<_>>();
        assert!(read(names(MAX_DEVICES)));
        assert!(!read(names(MAX_DEVICES + 1)));
        for junk in ["", "laptop", &"0".repeat(31), &"0".repeat(33), &"A".repeat(32), &"g".repeat(32)] {
            assert!(!read(vec![junk.to_owned()]), "{junk}");
        }
    }

    #[test]
    fn of_too_many_devices_the_one_heard_of_longest_ago_is_dropped() {
        let mut content = Content::default();
        for number in 0..=MAX_DEVICES {
            let time = if number == 7 { "2026-01-01T00:00:00Z" } else { "2026-01-02T00:00:00Z" };
            content.anchor(&format!("{number:032x}"), anchor(1, time));
        }
        content.anchor(&format!("{:032x}", 3), anchor(2, "2026-01-03T00:00:00Z"));
        assert_eq!(content.anchors.len(), MAX_DEVICES);
        assert!(!content.anchors.contains_key(&format!("{:032x}", 7)));
        assert_eq!(content.anchors[&format!("{:032x}", 3)].number, 2);
    }

    #[test]
    fn j10_an_error_repeats_nothing_of_the_plaintext() {
        let environment = EnvironmentName::new("dev").unwrap();
        let place = Place { vault: &Hash::of(b"v"), environment: &environment, version: 3 };
        let error = Content::from_json(br#"{"id":"hunter2","environment":7}"#, &place).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
