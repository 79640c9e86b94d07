//! Anchors: what an environment records about a device's log.

use crate::name::UserName;
use crate::signature::{Hash, Message, Signature};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// An entry of a device's log, signed by the log's user (`vault/log-anchor/v1`). So no other writer of the environment
/// can claim that the log reached an entry that never existed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Whose log it is.
    pub user: UserName,
    /// The number of the segment.
    pub segment: u32,
    /// The number of the entry.
    pub number: u64,
    /// The hash of the entry.
    pub hash: Hash,
    /// When the entry was written, by the device's clock.
    pub time: Time,
    /// The roster version at that time, which determines the user's signing key.
    pub roster: u32,
    /// The user's signature.
    pub signature: Signature,
}

/// The signed fields of an anchor, apart from the vault.
#[derive(Debug, Clone, Copy)]
pub struct AnchorStatement<'a> {
    /// Whose log it is.
    pub user: &'a UserName,
    /// The device that wrote the log.
    pub device: &'a str,
    /// The number of the segment.
    pub segment: u32,
    /// The number of the entry.
    pub number: u64,
    /// The hash of the entry.
    pub hash: Hash,
    /// When the entry was written.
    pub time: Time,
    /// The roster version at that time.
    pub roster: u32,
}

impl AnchorStatement<'_> {
    /// Returns the signed message.
    #[must_use]
    pub fn message(&self, vault: &Hash) -> Message {
        let Self { user, device, segment, number, hash, time, roster } = *self;
        let mut message = Message::new("vault/log-anchor/v1");
        message.raw(vault.as_bytes()).text(user.as_str()).text(device).integer(segment).integer(number);
        message.raw(hash.as_bytes()).text(&time.to_string()).integer(roster);
        message
    }

    /// Returns the anchor with its signature.
    #[must_use]
    pub fn signed(self, signature: Signature) -> Anchor {
        let Self { user, device: _, segment, number, hash, time, roster } = self;
        Anchor { user: user.clone(), segment, number, hash, time, roster, signature }
    }
}

impl Anchor {
    /// Returns the signed fields, for an anchor of this device.
    #[must_use]
    pub fn statement<'a>(&'a self, device: &'a str) -> AnchorStatement<'a> {
        let Self { user, segment, number, hash, time, roster, signature: _ } = self;
        AnchorStatement { user, device, segment: *segment, number: *number, hash: *hash, time: *time, roster: *roster }
    }
}
