//! Writes the JSON of a block's plaintext. Default values are left out.

use super::fields::{Encoding, Text, Usual, WireItem, WireVersion};
use super::plaintext::Plaintext;
use crate::item::{Content, Item, Metadata, Place, Version};
use crate::name::UserName;
use crate::secret::SecretBytes;
use crate::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::borrow::Cow;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Writes a content as JSON.
pub(in crate::item) fn write(content: &Content, place: &Place<'_>) -> Zeroizing<Vec<u8>> {
    let usual = most_common(content);
    let plaintext = Plaintext {
        id: *place.vault,
        environment: Cow::Borrowed(place.environment.as_str()),
        version: place.version,
        items: content.items.values().map(|item| wire_item(item, usual)).collect::<Vec<_>>(),
        usual: usual.map(|(updated_at, by)| Usual { updated_at, updated_by: text(by) }),
        anchors: content.anchors.clone(),
    };
    // Reserve room for the worst case, six bytes for a control character, so that the buffer is never moved and leaves no
    // copy behind. Untouched pages cost nothing.
    let values =
        content.items.values().map(|item| 2048 + item.versions().map(|v| 256 + 6 * v.value.len()).sum::<usize>());
    let mut json = Zeroizing::new(Vec::with_capacity(1024 + content.anchors.len() * 512 + values.sum::<usize>()));
    // Writing maps with text keys to memory can't fail.
    let _ = serde_json::to_writer(&mut *json, &plaintext);
    json
}

/// Returns the most common time and author of the last change, if more than one item has them.
fn most_common(content: &Content) -> Option<(Time, &UserName)> {
    let mut counts: BTreeMap<(Time, &UserName), usize> = BTreeMap::new();
    for item in content.items.values() {
        *counts.entry((item.updated_at, &item.updated_by)).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count > 1).max_by_key(|(_, count)| *count).map(|(change, _)| change)
}

fn wire_item<'a>(item: &'a Item, usual: Option<(Time, &UserName)>) -> WireItem<'a> {
    let Item { id, name, metadata, current, owner, created_at, updated_at, updated_by, history } = item;
    let Metadata { kind, note, tags, provider, expires_at, rotate_after, deliver, variable } = metadata;
    let (value, encoding) = encode(&current.value);
    let other_user = |user: &'a UserName| (user != updated_by).then(|| text(user));
    let other_time = |time: Time| (time != *updated_at).then_some(time);
    let is_usual = usual == Some((*updated_at, updated_by));
    WireItem {
        id: id.as_deref().map(plain),
        name: Cow::Borrowed(name.as_str()),
        kind: *kind,
        version: current.number,
        value,
        encoding,
        set_at: other_time(current.set_at),
        set_by: other_user(&current.set_by),
        set_id: current.set_id.as_deref().map(plain),
        owner: other_user(owner),
        created_at: other_time(*created_at),
        updated_at: (!is_usual).then_some(*updated_at),
        updated_by: (!is_usual).then(|| text(updated_by)),
        note: note.as_deref().map(plain),
        tags: tags.iter().map(|tag| plain(tag)).collect(),
        provider: provider.as_deref().map(plain),
        expires_at: *expires_at,
        rotate_after: *rotate_after,
        rotate_due: current.rotate_due,
        deliver: *deliver,
        variable: variable.as_ref().map(|variable| plain(variable.as_str())),
        history: history.iter().map(wire_version).collect(),
    }
}

fn wire_version(version: &Version) -> WireVersion<'_> {
    let Version { number, value, set_at, set_by, set_id, rotate_due } = version;
    let ((value, encoding), set_id) = (encode(value), set_id.as_deref().map(plain));
    let (set_at, set_by, rotate_due) = (*set_at, text(set_by), *rotate_due);
    WireVersion { version: *number, value, encoding, set_at, set_by, set_id, rotate_due }
}

fn text(user: &UserName) -> Text<'_> {
    plain(user.as_str())
}

fn plain(text: &str) -> Text<'_> {
    Text(Cow::Borrowed(text))
}

fn encode(value: &SecretBytes) -> (Cow<'_, str>, Option<Encoding>) {
    match value.as_str() {
        Some(text) => (Cow::Borrowed(text), None),
        None => (Cow::Owned(BASE64.encode(&**value)), Some(Encoding::Base64)),
    }
}
