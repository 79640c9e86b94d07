//! A record as bytes: a line of JSON that holds no value, then the items of each environment before the change, encoded
//! as in a block.

use super::{Fate, Grant, NotKept, Part, Record};
use crate::identity::Head;
use crate::item::{Content, Digest, Place};
use crate::log::Action;
use crate::marks::Seen;
use crate::name::{EnvironmentName, ItemName};
use crate::signature::Hash;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The largest size of a record, in bytes.
pub const MAX_BODY: usize = 16 * 1024 * 1024;

/// The bytes are not a record of this vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    action: Action,
    is_undo: bool,
    time: Time,
    roster: Head,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_kept: Option<NotKept>,
    environments: Vec<HeaderPart>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderPart {
    name: EnvironmentName,
    fate: Fate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    save: Option<Seen>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    grants: Vec<Grant>,
    after: BTreeMap<ItemName, Option<Digest>>,
    /// The length of the environment's encoded items, in bytes.
    length: usize,
}

impl Record {
    /// Encodes the record. If it would be too large, only that fact is encoded.
    #[must_use]
    pub(crate) fn to_bytes(&self, vault: &Hash) -> Zeroizing<Vec<u8>> {
        let parts = self.done.as_deref().unwrap_or_default();
        // Checked before anything is encoded: the change may have touched the whole vault.
        let values = parts.iter().flat_map(|part| part.before.items().values()).flat_map(crate::item::Item::versions);
        if values.map(|version| version.value.len()).sum::<usize>() > MAX_BODY {
            return self.without_parts(NotKept::TooLarge).to_bytes(vault);
        }
        let held: Vec<_> = parts.iter().map(|part| part.before.to_json(&place(vault, &part.environment))).collect();
        let header = self.header(parts, &held);
        let length = header.len() + 1 + held.iter().map(|bytes| bytes.len()).sum::<usize>();
        if length > MAX_BODY && self.done.is_ok() {
            return self.without_parts(NotKept::TooLarge).to_bytes(vault);
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        bytes.extend_from_slice(&header);
        bytes.push(b'\n');
        held.iter().for_each(|part| bytes.extend_from_slice(part));
        bytes
    }

    fn header(&self, parts: &[Part], held: &[Zeroizing<Vec<u8>>]) -> Vec<u8> {
        let part = |(part, held): (&Part, &Zeroizing<Vec<u8>>)| {
            let Part { environment, fate, save, grants, after, before: _ } = part;
            let (name, grants, after) = (environment.clone(), grants.clone(), after.clone());
            HeaderPart { name, fate: *fate, save: *save, grants, after, length: held.len() }
        };
        let Self { action, is_undo, time, roster, done } = self;
        let header = Header {
            action: *action,
            is_undo: *is_undo,
            time: *time,
            roster: *roster,
            not_kept: done.as_ref().err().copied(),
            environments: parts.iter().zip(held).map(part).collect(),
        };
        // Writing maps with text keys to memory cannot fail.
        serde_json::to_vec(&header).unwrap_or_default()
    }

    fn without_parts(&self, why: NotKept) -> Self {
        let Self { action, is_undo, time, roster, .. } = self;
        Self { action: *action, is_undo: *is_undo, time: *time, roster: *roster, done: Err(why) }
    }

    /// Decodes a record.
    ///
    /// # Errors
    /// If the bytes are not a record of this vault.
    pub(crate) fn from_bytes(bytes: &[u8], vault: &Hash) -> Result<Self, Unreadable> {
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(Unreadable)?;
        let (header, mut rest) = (&bytes[..end], &bytes[end + 1..]);
        let header: Header = serde_json::from_slice(header).map_err(|_| Unreadable)?;
        let mut parts = Vec::new();
        for HeaderPart { name, fate, save, grants, after, length } in header.environments {
            let (held, others) = rest.split_at_checked(length).ok_or(Unreadable)?;
            rest = others;
            let before = Content::from_json(held, &place(vault, &name), header.time).map_err(|_| Unreadable)?;
            parts.push(Part { environment: name, fate, save, grants, after, before });
        }
        let Header { action, is_undo, time, roster, not_kept, .. } = header;
        Ok(Self { action, is_undo, time, roster, done: not_kept.map_or(Ok(parts), Err) })
    }
}

/// The place that the items are encoded for: they belong to no version of the environment.
fn place<'a>(vault: &'a Hash, environment: &'a EnvironmentName) -> Place<'a> {
    Place { vault, environment, version: 0 }
}
