//! The statement that a user signs when segments are archived (`vault/log-archive/v1`).

use super::segment_end::SegmentEnd;
use crate::identity::PrivateKeys;
use crate::name::UserName;
use crate::roster::Roster;
use crate::signature::{Hash, Message, Signature};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// States that all segments up to one are in archives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// When they were archived, by the user's clock.
    pub time: Time,
    /// The end of the last archived segment.
    #[serde(flatten)]
    pub end: SegmentEnd,
    /// SHA-256 of the archive.
    pub file: Hash,
    /// The roster version at that time, which determines the user's signing key.
    pub roster: u32,
    /// The user's signature.
    pub signature: Signature,
}

impl Statement {
    pub(super) fn sign(end: SegmentEnd, file: Hash, user: &UserName, roster: &Roster, keys: &PrivateKeys) -> Self {
        let (vault, time, roster) = (roster.id(), Time::now(), roster.head().version);
        let message = message(&vault, user, time, &end, &file, roster);
        Self { time, end, file, roster, signature: keys.sign(&message) }
    }

    /// Whether `user` signed the statement for this vault, with the key current at that roster version or a later one.
    pub(super) fn is_of(&self, user: &UserName, roster: &Roster) -> bool {
        let Self { time, end, file, roster: version, signature } = self;
        let message = message(&roster.id(), user, *time, end, file, *version);
        roster.is_signed_since(*version, user, &message, signature)
    }
}

fn message(vault: &Hash, user: &UserName, time: Time, end: &SegmentEnd, file: &Hash, roster: u32) -> Message {
    let mut message = Message::new("vault/log-archive/v1");
    message.raw(vault.as_bytes()).text(user.as_str()).text(&time.to_string()).integer(roster);
    message.integer(end.segment).raw(end.header.as_bytes()).integer(end.number).raw(end.hash.as_bytes());
    message.raw(file.as_bytes());
    message
}
