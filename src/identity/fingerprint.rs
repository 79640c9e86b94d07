//! Fingerprints of values. They tell their owner that a value changed, and tell others nothing.

use super::{PrivateKeys, derive, derived_mac};
use crate::signature::{Hash, write_hex};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The length of a shown fingerprint, in bytes. It is long enough that two values won't have the same one by accident.
const SHOWN: usize = 6;

/// The key of a user's fingerprints. It is derived from the signing key, so somebody who sees a fingerprint can't test a
/// guess.
#[derive(Clone)]
pub struct FingerprintKey(Zeroizing<[u8; 32]>);

impl FingerprintKey {
    /// Returns the key with these bytes.
    #[must_use]
    pub(crate) fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Returns the key's bytes.
    #[must_use]
    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the fingerprint of a value of the item with this id, in hexadecimal. Two items with the same value have
    /// different fingerprints. Otherwise equal passwords would be visible.
    #[must_use]
    pub(crate) fn fingerprint(&self, item: &str, value: &[u8]) -> String {
        // HMAC pads a key to the block size of SHA-256 with zeros (RFC 2104), so a padded key is used as it is.
        let mut key = Zeroizing::new([0; 64]);
        key[..32].copy_from_slice(&*self.0);
        let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new((&*key).into());
        mac.update(&(item.len() as u64).to_be_bytes());
        mac.update(item.as_bytes());
        mac.update(value);
        let mut text = String::with_capacity(2 * SHOWN);
        let _ = write_hex(&mac.finalize().into_bytes()[..SHOWN], &mut text);
        text
    }

    /// Returns an HMAC-SHA-256 over a note of this kind that the user writes to themselves, under its own derived key.
    /// Somebody who knows only the public keys can't write such a note.
    #[must_use]
    pub(crate) fn tag(&self, kind: &str, vault: &Hash, note: &[u8]) -> Hash {
        Hash::from_bytes(self.note_mac(kind, vault, note).finalize().into_bytes().into())
    }

    /// Whether this is the [`FingerprintKey::tag`] of a note.
    #[must_use]
    pub(crate) fn is_tag(&self, tag: &Hash, kind: &str, vault: &Hash, note: &[u8]) -> bool {
        self.note_mac(kind, vault, note).verify_slice(tag.as_bytes()).is_ok()
    }

    fn note_mac(&self, kind: &str, vault: &Hash, note: &[u8]) -> Hmac<Sha256> {
        let mut mac = derived_mac(&self.0, "vault/note/v1");
        mac.update(vault.as_bytes());
        mac.update(&(kind.len() as u64).to_be_bytes());
        mac.update(kind.as_bytes());
        mac.update(note);
        mac
    }
}

impl PrivateKeys {
    /// Returns the key of this user's fingerprints. It changes when the keys are replaced.
    #[must_use]
    pub(crate) fn fingerprint_key(&self) -> FingerprintKey {
        let mut key = Zeroizing::new([0; 32]);
        derive(self.signing.seed(), "vault/value-fingerprint/v1", &mut *key);
        FingerprintKey(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_depends_on_the_value_the_item_and_the_keys() {
        let keys = PrivateKeys::generate().unwrap();
        let key = keys.fingerprint_key();
        let shown = key.fingerprint("a", b"value");
        assert!(shown.len() == 12 && shown.bytes().all(|byte| byte.is_ascii_hexdigit()), "{shown}");
        assert_eq!(keys.fingerprint_key().fingerprint("a", b"value"), shown);
        for other in [
            key.fingerprint("a", b"valuf"),
            key.fingerprint("b", b"value"),
            key.fingerprint("av", b"alue"),
            keys.renew().unwrap().fingerprint_key().fingerprint("a", b"value"),
        ] {
            assert_ne!(other, shown);
        }
        let same = FingerprintKey::from_bytes(Zeroizing::new(*key.as_bytes()));
        assert_eq!(same.fingerprint("a", b"value"), shown);
    }

    #[test]
    fn the_tag_of_a_note_depends_on_its_kind_the_vault_and_the_keys() {
        let keys = PrivateKeys::generate().unwrap();
        let (key, vault) = (keys.fingerprint_key(), Hash::of(b"vault"));
        let tag = key.tag("undo", &vault, b"note");
        assert!(key.is_tag(&tag, "undo", &vault, b"note"));
        assert!(!key.is_tag(&tag, "undon", &vault, b"ote"));
        assert!(!key.is_tag(&tag, "edit", &vault, b"note"));
        assert!(!key.is_tag(&tag, "undo", &Hash::of(b"other"), b"note"));
        assert!(!key.is_tag(&tag, "undo", &vault, b"notes"));
        assert!(!keys.renew().unwrap().fingerprint_key().is_tag(&tag, "undo", &vault, b"note"));
    }
}
