//! A fingerprint of a copied value, from which nobody learns the value.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use vault::Result;

/// Identifies a copied value by its length and a hash with a random key.
pub struct Fingerprint {
    length: u64,
    key: [u8; 64],
    hash: [u8; 32],
}

impl Fingerprint {
    /// Makes a fingerprint with a new key.
    pub(super) fn new(text: &[u8]) -> Result<Self> {
        let mut key = [0; 64];
        vault::generate::fill(&mut key)?;
        Ok(Self { length: text.len() as u64, key, hash: mac(&key, text).finalize().into_bytes().into() })
    }

    /// Returns the value's length in bytes.
    pub fn length(&self) -> usize {
        usize::try_from(self.length).unwrap_or(usize::MAX)
    }

    /// Returns whether this is the fingerprint of the text.
    pub fn is_of(&self, text: &[u8]) -> bool {
        mac(&self.key, text).verify_slice(&self.hash).is_ok()
    }

    pub(super) fn to_bytes(&self) -> [u8; 104] {
        let mut bytes = [0; 104];
        bytes[..8].copy_from_slice(&self.length.to_be_bytes());
        bytes[8..72].copy_from_slice(&self.key);
        bytes[72..].copy_from_slice(&self.hash);
        bytes
    }

    pub(super) fn from_bytes(bytes: [u8; 104]) -> Self {
        let (mut length, mut key, mut hash) = ([0; 8], [0; 64], [0; 32]);
        length.copy_from_slice(&bytes[..8]);
        key.copy_from_slice(&bytes[8..72]);
        hash.copy_from_slice(&bytes[72..]);
        Self { length: u64::from_be_bytes(length), key, hash }
    }
}

fn mac(key: &[u8; 64], text: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as hmac::digest::KeyInit>::new(key.into()).chain_update(text)
}
