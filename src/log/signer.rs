//! Who signs a segment, and who can read it.

use super::key::EntryKey;
use super::segment::{ReadHeader, SegmentKeys};
use crate::error::Result;
use crate::identity::Recipient;
use crate::name::UserName;
use crate::ordered::InOrder as _;
use crate::roster::Roster;
use crate::signature::Hash;
use sha2::{Digest as _, Sha256};

/// What is needed to start a segment: the user's keys and the readers.
pub(crate) struct Signer<'a> {
    /// The vault's id.
    pub vault: &'a Hash,
    /// Whose log it is.
    pub user: &'a UserName,
    /// The user's keys.
    pub keys: &'a dyn SegmentKeys,
    /// The recipients of the user and the admins.
    pub readers: Vec<&'a Recipient>,
    /// The roster, with which the signatures of segments are verified.
    pub roster: &'a Roster,
}

impl Signer<'_> {
    /// Decrypts the key of a segment's first entry; `None` if it is not encrypted to this user.
    pub(super) fn open(&self, head: &ReadHeader) -> Result<Option<EntryKey>> {
        head.open(&|bytes| self.keys.open_segment(self.vault, bytes))
    }

    pub(super) fn readers_hash(&self) -> Hash {
        let mut readers: Vec<_> = self.readers.iter().map(|reader| reader.as_bytes()).collect();
        readers.order();
        readers.dedup();
        let hasher = readers.iter().fold(Sha256::new(), sha2::Digest::chain_update);
        Hash::from_bytes(hasher.finalize().into())
    }
}
