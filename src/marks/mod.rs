//! What this device has seen of a vault, so that it notices an older or a forked file (vault-format(5), "Freshness").
//!
//! `marks.json` holds the highest roster and, per environment, the highest version; `roster.toml` the roster itself;
//! `accepted` the hashes of the last statements that were accepted here, 32 bytes each; [`branches`] what was seen on which
//! branch of a git work tree.
//!
//! Only what is known of a new roster waits for the disk. That an environment has a new version doesn't, because it would
//! take two more flushes for each change: their writing is begun before the file gets its name, and what a power cut can
//! take is the mark of the last version, which the next look at the vault sets again.

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

/// Of how many logs it is kept how far they were looked at.
const MAX_LOOKED: usize = 64;

/// The highest that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// Whether the vault was inside a git work tree when it was first seen here.
    pub git: bool,
    /// The highest roster.
    pub roster: Head,
    /// Per environment the highest version.
    pub environments: BTreeMap<EnvironmentName, Seen>,
    /// Whether something was seen on a branch from which the highest does not go on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forks: bool,
    /// The clone in which everything was seen; none where there are several, or outside of git.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clone: Option<String>,
    /// Up to which commit git's logs of steps were looked at for what merges have joined, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked: Vec<Looked>,
    /// Per user the roster whose every signature was verified with that user's keys at hand.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub verified: BTreeMap<UserName, VerifiedRoster>,
    /// What is kept of the names of each environment's items.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<EnvironmentName, Names>,
}

/// A log of steps, and how far it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looked {
    /// The path of the log.
    pub log: String,
    /// The commit that was checked out then.
    pub commit: String,
}

/// A roster that was verified before, in the words of somebody who holds the user's keys: so it counts even where others
/// write the state, as they do to the cache of a CI job. It is said twice: what the keys themselves can check costs next
/// to nothing, and where the agent holds them there is only the public one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifiedRoster {
    /// Its last change.
    pub head: Head,
    /// [`crate::identity::PrivateKeys::voucher`] of it.
    pub voucher: Hash,
    /// The user's signature over [`VerifiedRoster::message`].
    pub signature: Signature,
}

impl VerifiedRoster {
    /// Vouches for a roster.
    #[must_use]
    pub fn new(vault: &Hash, head: Head, keys: &PrivateKeys) -> Self {
        Self { head, voucher: keys.voucher(vault, head), signature: keys.sign(&Self::message(vault, head)) }
    }

    /// What is signed: `vault/verified-roster/v1`.
    #[must_use]
    pub fn message(vault: &Hash, head: Head) -> Message {
        let mut message = Message::new("vault/verified-roster/v1");
        message.raw(vault.as_bytes()).integer(head.version).raw(head.hash.as_bytes());
        message
    }
}

/// The highest version of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The roster version that added the environment: one of the same name added later starts anew.
    pub added: u32,
    /// The version.
    pub version: u32,
    /// The hash of its statement.
    pub hash: Hash,
}

impl Marks {
    /// The roster that was verified with this very identity at hand, if its keys say so.
    #[must_use]
    pub fn vouched_by(&self, identity: &Identity) -> Option<Head> {
        let VerifiedRoster { head, voucher, .. } = self.verified.get(&identity.user)?;
        identity.keys.vouched(&identity.vault, *head, voucher).then_some(*head)
    }

    /// The roster that was verified with the keys at hand of which this is the public one.
    #[must_use]
    pub fn signed_by(&self, vault: &Hash, user: &UserName, key: &VerifyingKey) -> Option<Head> {
        let VerifiedRoster { head, signature, .. } = self.verified.get(user)?;
        key.verifies(&VerifiedRoster::message(vault, *head), signature).then_some(*head)
    }

    /// The commit up to which a log was looked at.
    #[must_use]
    pub fn looked_at(&self, log: &str) -> Option<&str> {
        self.looked.iter().find(|looked| looked.log == log).map(|looked| looked.commit.as_str())
    }

    /// Notes how far logs were looked at. A log that is forgotten is looked at anew.
    fn note_looked(&mut self, new: &[Looked]) {
        self.looked.retain(|old| new.iter().all(|new| new.log != old.log));
        self.looked.extend_from_slice(new);
        self.looked.drain(..self.looked.len().saturating_sub(MAX_LOOKED));
    }

    /// The statements that are the highest.
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
