//! The highest state of a vault that this device has seen.

use super::names::{Names, Place};
use super::seen::Seen;
use super::verified_roster::VerifiedRoster;
use crate::identity::{Head, Identity};
use crate::name::{EnvironmentName, UserName};
use crate::roster::Roster;
use crate::signature::{Hash, VerifyingKey};
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
    pub(super) fn note_looked(&mut self, new: &[Looked]) {
        self.looked.retain(|old| new.iter().all(|new| new.log != old.log));
        self.looked.extend_from_slice(new);
        self.looked.drain(..self.looked.len().saturating_sub(MAX_LOOKED));
    }

    /// Returns the hashes of the highest statements.
    pub(super) fn hashes(&self) -> Vec<Hash> {
        self.environments.values().map(|seen| seen.hash).chain([self.roster.hash]).collect()
    }

    pub(super) fn new(git: bool, roster: &Roster, environments: BTreeMap<EnvironmentName, Seen>) -> Self {
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

    /// Returns what is kept about the names of an environment.
    #[must_use]
    pub fn names_of(&self, place: Place<'_>) -> Option<&Names> {
        self.names.get(place.environment).filter(|names| names.added == place.added)
    }
}
