//! A plaintext around its items: where it belongs, and the anchors.

use super::fields::Usual;
use super::sound::{Items, Reduced};
use crate::error::{Error, Result};
use crate::item::{Anchor, MAX_DEVICES, Place, is_id};
use crate::name::UserName;
use crate::signature::Hash;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plaintext<'a, I> {
    pub id: Hash,
    #[serde(borrow)]
    pub environment: Cow<'a, str>,
    pub version: u32,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<Usual<'a>>,
    pub items: I,
    pub anchors: BTreeMap<String, Anchor>,
}

/// Parses a plaintext and checks everything but its signature. Drops serde's own message, because it can contain a value.
pub(super) fn parse<'a, T: Reduced<'a>>(json: &'a [u8], place: &Place<'_>) -> Result<Plaintext<'a, Items<T>>> {
    let text = std::str::from_utf8(json).map_err(|_| unreadable(place))?;
    let plaintext = serde_json::from_str(text).map_err(|_| unreadable(place))?;
    check(&plaintext, place)?;
    Ok(plaintext)
}

pub(super) fn check<T>(plaintext: &Plaintext<'_, Items<T>>, place: &Place<'_>) -> Result<()> {
    if plaintext.id != *place.vault
        || plaintext.environment != place.environment.as_str()
        || plaintext.version != place.version
    {
        return Err(Error::integrity(format!(
            "environment {} contains data that belongs elsewhere",
            place.environment
        )));
    }
    let devices = &plaintext.anchors;
    let usual = plaintext.usual.as_ref().map(|usual| UserName::check(&usual.updated_by.0).is_ok());
    let is_sound = devices.len() <= MAX_DEVICES
        && devices.keys().all(|device| is_id(device))
        && usual.unwrap_or(!plaintext.items.need_usual);
    if is_sound { Ok(()) } else { Err(unreadable(place)) }
}

pub(super) fn unreadable(place: &Place<'_>) -> Error {
    Error::integrity(format!("environment {} contains something that this program can't read", place.environment))
        .hint("it was made by a newer version of vault: update")
}
