//! Who a segment is sealed by and for.

use super::key::EntryKey;
use super::segment::{ReadHeader, SegmentKeys};
use crate::error::Result;
use crate::identity::Recipient;
use crate::name::UserName;
use crate::ordered::InOrder as _;
use crate::roster::Roster;
use crate::signature::Hash;
use sha2::{Digest as _, Sha256};

/// What starting a segment takes: the user's identity, and who shall be able to read it.
pub struct Signer<'a> {
    /// The vault's id.
    pub vault: &'a Hash,
    /// Whose log.
    pub user: &'a UserName,
    /// The user's keys.
    pub keys: &'a dyn SegmentKeys,
    /// The user's recipient and the admins'.
    pub readers: Vec<&'a Recipient>,
    /// The roster: it tells who signed which segment.
    pub roster: &'a Roster,
}

impl Signer<'_> {
    /// The key of a segment's first entry.
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
