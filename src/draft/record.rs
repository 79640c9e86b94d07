//! A draft as bytes: a line of JSON that holds no value, then the items that were shown, encoded as in a block, then
//! the text.

use super::Draft;
use crate::error::{Error, Reason, Result};
use crate::item::{Content, Digest, Place};
use crate::name::{EnvironmentName, ItemName};
use crate::secret::SecretBytes;
use crate::signature::Hash;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use zeroize::Zeroizing;

/// The largest size of a draft, in bytes.
pub const MAX_BODY: usize = 32 * 1024 * 1024;

/// The bytes are not a draft of this vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    time: Time,
    environment: EnvironmentName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    item: Option<ItemName>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    left_out: BTreeSet<ItemName>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    shown_conflicts: BTreeMap<ItemName, Option<Digest>>,
    /// The length of the encoded items that were shown, in bytes.
    length: usize,
}

impl Draft {
    /// Encodes the draft.
    ///
    /// # Errors
    /// If the draft is larger than [`MAX_BODY`].
    pub(crate) fn to_bytes(&self, vault: &Hash) -> Result<Zeroizing<Vec<u8>>> {
        let base = self.base.to_json(&place(vault, &self.environment));
        let header = Header {
            time: self.time,
            environment: self.environment.clone(),
            item: self.item.clone(),
            left_out: self.left_out.clone(),
            shown_conflicts: self.shown_conflicts.clone(),
            length: base.len(),
        };
        // Writing maps with text keys to memory cannot fail.
        let header = serde_json::to_vec(&header).unwrap_or_default();
        let length = header.len() + 1 + base.len() + self.text.len();
        if length > MAX_BODY {
            return Err(Error::new(Reason::TooLarge, format!("it is larger than {} MiB", MAX_BODY >> 20)));
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        for part in [&header[..], b"\n", &base, &self.text] {
            bytes.extend_from_slice(part);
        }
        Ok(bytes)
    }

    /// Decodes a draft.
    ///
    /// # Errors
    /// If the bytes are not a draft of this vault.
    pub(crate) fn from_bytes(bytes: &[u8], vault: &Hash) -> Result<Self, Unreadable> {
        let end = memchr::memchr(b'\n', bytes).ok_or(Unreadable)?;
        let header: Header = serde_json::from_slice(&bytes[..end]).map_err(|_| Unreadable)?;
        let (base, text) = bytes[end + 1..].split_at_checked(header.length).ok_or(Unreadable)?;
        let Header { time, environment, item, left_out, shown_conflicts, .. } = header;
        let base = Content::from_json(base, &place(vault, &environment), time).map_err(|_| Unreadable)?;
        Ok(Self { time, environment, item, base, left_out, text: SecretBytes::new(text.to_vec()), shown_conflicts })
    }
}

/// The place that the items are encoded for: they belong to no version of the environment.
fn place<'a>(vault: &'a Hash, environment: &'a EnvironmentName) -> Place<'a> {
    Place { vault, environment, version: 0 }
}
