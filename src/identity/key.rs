//! Keys that open slots.

use super::{Identity, Recipient, derive, derived_mac};
use crate::crypto;
use crate::error::{Error, Reason, Result};
use crate::secret::{ExposeSecret as _, SecretString};
use crate::signature::write_hex;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A key that opens a slot, in `VAULT_KEY` or as a recovery key. It is an X25519 key used for nothing else.
pub struct Key {
    identity: age::x25519::Identity,
    bytes: Zeroizing<[u8; 32]>,
}

impl Key {
    /// Generates a key.
    ///
    /// # Errors
    /// If the operating system provides no randomness. Parsing the new key's own text can't fail in practice.
    pub fn generate() -> Result<Self> {
        // Ask for randomness first, because age panics if there is none.
        crate::random::fill(&mut [0])?;
        Self::parse(age::x25519::Identity::generate().to_string().expose_secret())
    }

    /// Parses `AGE-SECRET-KEY-1...`.
    ///
    /// # Errors
    /// An unlock error that doesn't repeat the text.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = || {
            Error::new(Reason::WrongKey, "the key is not an AGE-SECRET-KEY-1...")
                .hint("a key is one line that starts with AGE-SECRET-KEY-1; check that it was copied whole")
        };
        let identity = text.trim().parse().map_err(|_| invalid())?;
        let mut decoded = Zeroizing::new(bech32::decode(text.trim()).map_err(|_| invalid())?.1);
        let bytes: [u8; 32] = decoded.as_slice().try_into().map_err(|_| invalid())?;
        zeroize::Zeroize::zeroize(&mut *decoded);
        Ok(Self { identity, bytes: Zeroizing::new(bytes) })
    }

    /// Returns the text `AGE-SECRET-KEY-1...`, to be shown once.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        self.identity.to_string()
    }

    /// Whether this is the private key of `recipient`.
    #[must_use]
    pub(crate) fn is_private_half_of(&self, recipient: &Recipient) -> bool {
        self.identity.to_public().to_string() == recipient.as_str()
    }

    /// Returns 8 bytes in hexadecimal, by which the right slot is found without trying all of them.
    #[must_use]
    pub fn hint(&self) -> String {
        let mut hint = [0; 8];
        derive(&self.bytes, "vault/key-hint/v1", &mut hint);
        let mut text = String::with_capacity(16);
        let _ = write_hex(&hint, &mut text);
        text
    }

    /// Encrypts an identity to this key: a line with an HMAC under the key, then the identity's text. Without the HMAC,
    /// somebody who knows only the recipient could make slots for the key.
    ///
    /// # Errors
    /// If the operating system provides no randomness.
    pub fn seal(&self, identity: &Identity) -> Result<String> {
        let text = identity.to_text();
        let mut tag = String::with_capacity(64);
        let _ = write_hex(&self.mac(text.as_bytes()).finalize().into_bytes(), &mut tag);
        let sealed = Zeroizing::new(format!("# hmac: {tag}\n{}", *text));
        crypto::encrypt(std::iter::once(&self.identity.to_public() as _), sealed.as_bytes())
    }

    /// Opens what [`Key::seal`] made; `None` if it is not encrypted to this key.
    ///
    /// # Errors
    /// An integrity error if the slot is damaged or was made by somebody without this key.
    pub(crate) fn open(&self, armored: &str) -> Result<Option<Identity>> {
        let bytes = crypto::dearmor(armored)?;
        let Some(plaintext) = crypto::decrypt(bytes, std::iter::once(&self.identity as _))? else {
            return Ok(None);
        };
        let forged = || Error::integrity("a key slot was not made with its key");
        let text = std::str::from_utf8(&plaintext).map_err(|_| forged())?;
        let (tag, text) = text.strip_prefix("# hmac: ").and_then(|rest| rest.split_once('\n')).ok_or_else(forged)?;
        let tag = crate::signature::from_hex::<32>(tag).ok_or_else(forged)?;
        self.mac(text.as_bytes()).verify_slice(&tag).map_err(|_| forged())?;
        Identity::from_text(text).map(Some)
    }

    fn mac(&self, text: &[u8]) -> Hmac<Sha256> {
        let mut mac = derived_mac(&self.bytes, "vault/key-slot/v1");
        mac.update(text);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::tests::identity;

    #[test]
    fn l13_a_slot_made_by_someone_who_knows_only_the_recipient_is_refused() {
        let key = Key::generate().unwrap();
        let text = format!("# hmac: {}\n{}", "0".repeat(64), *identity().to_text());
        let forged = crypto::encrypt(std::iter::once(&key.identity.to_public() as _), text.as_bytes()).unwrap();
        assert!(key.open(&forged).is_err());
        let honest = key.seal(&identity()).unwrap();
        assert!(key.open(&honest).unwrap().is_some());
        assert!(Key::generate().unwrap().open(&honest).unwrap().is_none());
    }
}
