//! The proof that this device has verified a roster.

use crate::identity::{Head, PrivateKeys};
use crate::signature::{Hash, Message, Signature};
use serde::{Deserialize, Serialize};

/// A roster that was verified before, confirmed with the user's keys. So it counts even if others can write the state,
/// such as the cache of a CI job. There are two proofs. The voucher is cheap to check, but needs the private keys. The
/// signature can be checked with the public key alone, if an agent holds the private ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifiedRoster {
    /// The roster's last change.
    pub head: Head,
    /// The [`crate::identity::PrivateKeys::voucher`] for `head`.
    pub voucher: Hash,
    /// The user's signature over [`VerifiedRoster::message`].
    pub signature: Signature,
}

impl VerifiedRoster {
    /// Vouches for a roster that was verified.
    #[must_use]
    pub fn new(vault: &Hash, head: Head, keys: &PrivateKeys) -> Self {
        Self { head, voucher: keys.voucher(vault, head), signature: keys.sign(&Self::message(vault, head)) }
    }

    /// Builds the message that is signed, `vault/verified-roster/v1`.
    #[must_use]
    pub fn message(vault: &Hash, head: Head) -> Message {
        let mut message = Message::new("vault/verified-roster/v1");
        message.raw(vault.as_bytes()).integer(head.version).raw(head.hash.as_bytes());
        message
    }
}
