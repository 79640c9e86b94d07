//! Records what this device has seen of a vault, so that it notices an older or a forked file (vault-format(5),
//! "Freshness").
//!
//! `marks.json` holds the highest roster head and the highest version of each environment. `roster.toml` holds that
//! roster. `accepted` holds the hashes of the last statements accepted here, 32 bytes each. [`branches`] records what was
//! seen on each branch of a git work tree.
//!
//! Only a new roster is flushed to disk before the change continues. New versions of environments are not, because that
//! would take two more flushes per change. Their writing is started before the file gets its name. A power cut can at
//! worst lose the mark of the last version, which the next use of the vault sets again.

pub mod branches;
pub mod judge;
mod names;
mod pin;
mod store;

pub use branches::{Branches, Noted, Side, Sighting};
pub use names::{Names, Place};
pub use pin::Pin;
pub use store::{MAX_ACCEPTED, Store};

use crate::identity::{Head, Identity, PrivateKeys};
use crate::name::{EnvironmentName, UserName};
use crate::roster::Roster;
use crate::signature::{Hash, Message, Signature, VerifyingKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The maximum number of reflogs whose position is kept.
const MAX_LOOKED: usize = 64;

/// The highest state that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// Whether the vault was in a git work tree when it was first seen here.
    pub git: bool,
    /// The head of the highest roster.
    pub roster: Head,
    /// The highest version of each environment.
    pub environments: BTreeMap<EnvironmentName, Seen>,
    /// Whether something was seen on a branch from which the highest state does not descend.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forks: bool,
    /// The clone in which everything was seen; `None` if there are several, or outside git.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clone: Option<String>,
    /// How far each reflog was read for commits that merges have joined, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked: Vec<Looked>,
    /// For each user, the roster whose signatures were all verified while that user's keys were available.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub verified: BTreeMap<UserName, VerifiedRoster>,
    /// What is kept about the names in each environment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<EnvironmentName, Names>,
}

/// A reflog, and how far it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looked {
    /// The path of the reflog.
    pub log: String,
    /// The commit that was checked out then.
    pub commit: String,
}

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

/// A version of an environment that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The roster version that added the environment: tells it from a later environment of the same name.
    pub added: u32,
    /// The version.
    pub version: u32,
    /// The hash of the block's statement.
    pub hash: Hash,
}

impl Marks {
    /// Returns the roster that was verified with this identity's keys, if its voucher is valid.
    #[must_use]
    pub fn vouched_by(&self, identity: &Identity) -> Option<Head> {
        let VerifiedRoster { head, voucher, .. } = self.verified.get(&identity.user)?;
        identity.keys.vouched(&identity.vault, *head, voucher).then_some(*head)
    }

    /// Returns the roster that was verified with the keys to which `key` belongs, if its signature is valid.
    #[must_use]
    pub fn signed_by(&self, vault: &Hash, user: &UserName, key: &VerifyingKey) -> Option<Head> {
        let VerifiedRoster { head, signature, .. } = self.verified.get(user)?;
        key.verifies(&VerifiedRoster::message(vault, *head), signature).then_some(*head)
    }

    /// Returns the commit up to which a reflog was read.
    #[must_use]
    pub fn looked_at(&self, log: &str) -> Option<&str> {
        self.looked.iter().find(|looked| looked.log == log).map(|looked| looked.commit.as_str())
    }

    /// Records how far reflogs were read. A reflog that is forgotten is read again.
    fn note_looked(&mut self, new: &[Looked]) {
        self.looked.retain(|old| new.iter().all(|new| new.log != old.log));
        self.looked.extend_from_slice(new);
        self.looked.drain(..self.looked.len().saturating_sub(MAX_LOOKED));
    }

    /// Returns the hashes of the highest statements.
    fn hashes(&self) -> Vec<Hash> {
        self.environments.values().map(|seen| seen.hash).chain([self.roster.hash]).collect()
    }

    fn new(git: bool, roster: &Roster, environments: BTreeMap<EnvironmentName, Seen>) -> Self {
        Self {
            git,
            roster: roster.head(),
            environments,
            forks: false,
            clone: None,
            looked: Vec::new(),
            verified: BTreeMap::new(),
            names: BTreeMap::new(),
        }
    }
}
