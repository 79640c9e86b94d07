//! Bytes that are wiped when dropped and never printed.

use std::fmt;
use std::ops::Deref;
use zeroize::zeroize_bytes;

/// A value of the vault or a key: wiped on drop, shown as `[secret]` by `Debug`, and compared completely.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes over `bytes`.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Returns the bytes as text, if they are UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Wipes everything that was allocated, in one operation: `Zeroizing` writes byte by byte, which for a megabyte takes a
/// tenth as long as decrypting it.
pub fn wipe(bytes: &mut Vec<u8>) {
    // The length stays within the capacity, so nothing moves.
    bytes.resize(bytes.capacity(), 0);
    zeroize_bytes(bytes);
}

impl Deref for SecretBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl From<&str> for SecretBytes {
    fn from(text: &str) -> Self {
        Self::new(text.as_bytes().to_vec())
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[test]
fn debug_shows_no_byte_of_the_secret() {
    assert_eq!(format!("{:?}", SecretBytes::from("hunter2")), "[secret]");
}
