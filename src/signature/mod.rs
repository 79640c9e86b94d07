//! A narrow interface to Ed25519: signed messages, their layout in bytes, and keys that are checked when they are parsed.
//!
//! Layout (vault-format(5)): `lp(x)` is a big-endian u32 length and the bytes; integers are u64 big-endian; a list is a
//! u32 count and its items; an optional is `00`, or `01` and the value; hashes and public keys are 32 raw bytes; all else
//! is UTF-8 as `lp`. A message starts with `lp(type)`, so that no signature can be used for another kind of statement.

mod hash;

pub use hash::{Hash, from_hex, read_hex, write_hex};

use crate::error::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// A message to sign, built field by field.
pub struct Message(Vec<u8>);

impl Message {
    /// Starts a message of this type, for example `vault/roster/v1`.
    #[must_use]
    pub fn new(type_name: &str) -> Self {
        let mut message = Self(Vec::with_capacity(256));
        message.bytes(type_name.as_bytes());
        message
    }

    /// Appends a length and the bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends text as its UTF-8 bytes.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Appends an optional text.
    pub fn optional(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            None => self.0.push(0),
            Some(text) => {
                self.0.push(1);
                self.text(text);
            }
        }
        self
    }

    /// Appends an integer.
    pub fn integer(&mut self, integer: impl Into<u64>) -> &mut Self {
        self.0.extend_from_slice(&integer.into().to_be_bytes());
        self
    }

    /// Appends the raw bytes of a hash or a public key.
    pub fn raw(&mut self, bytes: &[u8; 32]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends the number of items in a list. The caller appends the items.
    pub fn count(&mut self, count: usize) -> &mut Self {
        // Reading a file limits every length far below 4 GiB.
        self.0.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
        self
    }

    /// Returns the message's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the message's length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Always false, because a message contains at least its type.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the hash of the statement that consists of this message and `signature`.
    #[must_use]
    pub fn hash(&self, signature: &Signature) -> Hash {
        Hash::from_bytes(Sha256::new().chain_update(&self.0).chain_update(signature.0).finalize().into())
    }
}

/// An Ed25519 signature (RFC 8032), written in standard base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Returns the 64 raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Signature {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // A roster has thousands, and this decoder takes a tenth of the other's time.
        let bytes = base64_simd::STANDARD.decode_to_vec(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| Error::integrity("a signature is not 64 bytes of base64"))
    }
}

impl serde::Serialize for Signature {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Signature {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A public Ed25519 key, written in hexadecimal. Parsing refuses keys that are not canonical or of low order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifyingKey([u8; 32]);

impl VerifyingKey {
    /// Returns the 32 raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Parses a key without checking its curve point, for a part of the chain that was verified before.
    ///
    /// # Errors
    /// An integrity error if the text is not 64 hexadecimal digits.
    #[doc(hidden)]
    pub fn from_trusted(text: &str) -> Result<Self> {
        from_hex(text).map(Self).ok_or_else(invalid_verifying_key)
    }

    /// Refuses encodings that are not canonical and points of low order.
    ///
    /// # Errors
    /// An integrity error for such a key.
    pub fn check(&self) -> Result<()> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&self.0).map_err(|_| invalid_verifying_key())?;
        let canonical = key.to_edwards().compress().to_bytes() == self.0;
        if canonical && !key.is_weak() { Ok(()) } else { Err(invalid_verifying_key()) }
    }

    /// Whether `signature` over `message` was made with this key, according to the strict rules of `verify_strict`.
    #[must_use]
    pub fn verifies(&self, message: &Message, signature: &Signature) -> bool {
        ed25519_dalek::VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(&message.0, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok())
    }
}

fn invalid_verifying_key() -> Error {
    Error::integrity("a user's verifying key is not a canonical Ed25519 key")
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifyingKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let key = Self::from_trusted(text)?;
        key.check()?;
        Ok(key)
    }
}

/// A private Ed25519 key, wiped on drop. It is on the heap, because a moved value would leave a copy behind. Its curve
/// point is computed only for signing, because most commands only read.
#[derive(Clone)]
pub struct SigningKey(Box<Zeroizing<[u8; 32]>>);

impl SigningKey {
    /// Generates a key from the operating system's randomness.
    ///
    /// # Errors
    /// If the operating system provides no randomness.
    pub fn generate() -> Result<Self> {
        let mut key = Self(Box::default());
        crate::random::fill(&mut **key.0)?;
        Ok(key)
    }

    /// Parses the 32-byte seed (the private key of RFC 8032) from hexadecimal digits.
    ///
    /// # Errors
    /// An integrity error that doesn't repeat the text.
    pub fn from_seed(text: &str) -> Result<Self> {
        let mut key = Self(Box::default());
        let read = read_hex(text, &mut **key.0);
        read.map(|()| key).ok_or_else(|| Error::integrity("a signing key can't be read"))
    }

    /// Returns the 32-byte seed.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the public key.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.key().verifying_key().to_bytes())
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &Message) -> Signature {
        Signature(self.key().sign(&message.0).to_bytes())
    }

    fn key(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_documented_layout() {
        let mut message = Message::new("t");
        message.integer(5u32).text("ab").optional(None).optional(Some("c")).count(1).raw(&[7; 32]);
        let mut expected = b"\0\0\0\x01t\0\0\0\0\0\0\0\x05\0\0\0\x02ab\0\x01\0\0\0\x01c\0\0\0\x01".to_vec();
        expected.extend([7; 32]);
        assert_eq!(message.0, expected);
    }

    #[test]
    fn d11_low_order_and_non_canonical_verifying_keys_are_refused() {
        // The identity, the point of order 2, one of order 4, and y = p + 1 (the identity, not canonical).
        let encodings = [
            format!("01{}", "0".repeat(62)),
            format!("ec{}7f", "f".repeat(60)),
            "0".repeat(64),
            format!("ee{}7f", "f".repeat(60)),
        ];
        for text in encodings {
            assert!(text.parse::<VerifyingKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_signature_is_valid_only_for_its_message_and_key() {
        let key = SigningKey::generate().unwrap();
        let signature = key.sign(&Message::new("a"));
        assert!(key.verifying_key().verifies(&Message::new("a"), &signature));
        assert!(!key.verifying_key().verifies(&Message::new("b"), &signature));
        assert!(!SigningKey::generate().unwrap().verifying_key().verifies(&Message::new("a"), &signature));
    }
}
