//! The user's keys: in this process, or held by the agent.

use super::seal::sign;
use super::{Claims, Vault};
use crate::agent::{Client, RemoteKey, Status};
use crate::crypto;
use crate::error::{Error, Reason, Remedy, Result};
use crate::file::{Block, BlockStatement};
use crate::identity::{FingerprintKey, Head, Identity, PublicKeys};
use crate::item::AnchorStatement;
use crate::log::{SegmentHeader, SegmentKeys};
use crate::name::UserName;
use crate::signature::{Hash, Signature};
use zeroize::Zeroizing;

impl Claims {
    /// Returns the user whose current keys an agent holds, and those keys, unless this roster is older than the one for
    /// which they were made.
    #[must_use]
    pub(crate) fn held_by(&self, agent: &Status) -> Option<(UserName, PublicKeys)> {
        let user = UserName::new(agent.user.clone()).ok().filter(|_| agent.vault == self.id())?;
        let keys = self.roster.state().users.get(&user)?.keys.clone();
        let is_current =
            keys.recipient.as_str() == agent.recipient && keys.verifying_key.to_string() == agent.verifying_key;
        (is_current && self.has_seen(agent.roster, true)).then_some((user, keys))
    }

    /// Returns whether this roster is at least as new as one that a holder of keys has seen. After a merge of rosters,
    /// that one may no longer be in the chain. But then the change that brings in their keys was made again, and only
    /// they could sign it.
    pub(super) fn has_seen(&self, seen: Head, is_current: bool) -> bool {
        self.roster.contains(seen) || (is_current && self.roster.head().version >= seen.version)
    }
}

impl Vault {
    /// Returns, in words, why the keys that an agent holds are no longer those of a user. Returns `None` if they are,
    /// or if they are newer than this file.
    #[must_use]
    pub(crate) fn outdated(&self, agent: &Status) -> Option<String> {
        let user = UserName::new(agent.user.clone()).ok()?;
        if agent.vault != self.id() || !self.roster.contains(agent.roster) || self.held_by(agent).is_some() {
            return None;
        }
        let renewed = || format!("{user} has new keys, and maybe a new passphrase; the agent held the old ones");
        Some(self.removal(&user).unwrap_or_else(renewed))
    }
}

/// Where the private keys are.
pub(super) enum Keys {
    /// In this process.
    Own(Box<Identity>),
    /// Held by the agent, which uses them and keeps them.
    Agent { user: UserName, public: Box<PublicKeys>, client: Box<Client> },
    /// Held by the agent, which has newer keys than this branch knows. It can open what was encrypted to the earlier
    /// keys, but can't sign with them.
    NewerAgent { user: UserName, public: Box<PublicKeys>, client: Box<Client> },
}

impl Keys {
    pub(super) fn user(&self) -> &UserName {
        match self {
            Self::Own(identity) => &identity.user,
            Self::Agent { user, .. } | Self::NewerAgent { user, .. } => user,
        }
    }

    pub(super) fn public(&self) -> Result<PublicKeys> {
        match self {
            Self::Own(identity) => identity.keys.public(),
            Self::Agent { public, .. } | Self::NewerAgent { public, .. } => Ok((**public).clone()),
        }
    }

    /// Returns the private keys, for what the agent doesn't do.
    pub(super) fn identity(&self) -> Result<&Identity> {
        match self {
            Self::Own(identity) => Ok(identity),
            Self::Agent { .. } | Self::NewerAgent { .. } => Err(not_by_agent()),
        }
    }

    /// Opens an environment's age file. `place` is the user's probable position among its readers.
    pub(super) fn open(&self, bytes: Vec<u8>, place: usize, vault: &Hash) -> Result<Option<Zeroizing<Vec<u8>>>> {
        match self {
            Self::Own(identity) => identity.keys.decrypt_at(bytes, place),
            Self::Agent { client, .. } | Self::NewerAgent { client, .. } => {
                let key = RemoteKey::new(client, vault, place);
                let opened = crypto::decrypt(bytes, std::iter::once(&key as _));
                key.failure().map_or(opened, Err)
            }
        }
    }

    /// Returns the key for the user's fingerprints of values.
    pub(super) fn fingerprint_key(&self) -> Result<FingerprintKey> {
        match self {
            Self::Own(identity) => Ok(identity.keys.fingerprint_key()),
            Self::Agent { client, .. } | Self::NewerAgent { client, .. } => client.fingerprint_key(),
        }
    }

    /// Signs a block.
    pub(super) fn sign(&self, statement: BlockStatement, data: String, vault: &Hash) -> Result<Block> {
        match self {
            Self::Own(identity) => sign(statement, data, vault, &identity.keys),
            Self::Agent { client, .. } => {
                let signature = client.sign(&statement, &Hash::of(&crypto::dearmor(&data)?))?;
                Ok(Block { statement, signature, data: data.into() })
            }
            Self::NewerAgent { .. } => Err(not_by_agent()),
        }
    }
}

fn not_by_agent() -> Error {
    Error::new(Reason::NeedsKeys, "this needs the passphrase or key again: the agent is not enough").hint((
        "give the passphrase again, on a terminal or with ",
        Remedy::GivePassphrase,
        "; or the key in ",
        Remedy::GiveKey,
    ))
}

impl SegmentKeys for Keys {
    fn open_segment(&self, vault: &Hash, wrapped: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> {
        self.open(wrapped.to_vec(), 0, vault)
    }

    fn sign_segment(&self, header: &SegmentHeader, wrapped: &Hash) -> Result<Signature> {
        match self {
            Self::Own(identity) => identity.keys.sign_segment(header, wrapped),
            Self::Agent { client, .. } => client.sign_segment(header, wrapped),
            Self::NewerAgent { .. } => Err(not_by_agent()),
        }
    }

    fn sign_anchor(&self, vault: &Hash, anchor: &AnchorStatement<'_>) -> Result<Signature> {
        match self {
            Self::Own(identity) => identity.keys.sign_anchor(vault, anchor),
            Self::Agent { client, .. } => client.sign_anchor(anchor),
            Self::NewerAgent { .. } => Err(not_by_agent()),
        }
    }
}
