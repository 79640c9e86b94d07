//! Bytes that are wiped when dropped and never printed.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;
use zeroize::Zeroizing;

pub use age::secrecy::{ExposeSecret, SecretString};

/// A value of the vault or a key: wiped on drop, shown as `[secret]` by `Debug`, compared in full.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes over `bytes`.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes as text, if they are UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
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

/// A part of a plaintext, which is not copied: the whole is wiped when its last part is dropped.
#[derive(Clone)]
pub struct SecretPart {
    whole: Arc<Zeroizing<Vec<u8>>>,
    range: Range<usize>,
}

impl SecretPart {
    /// The part that this text is of; `None` if it lies elsewhere in memory.
    #[must_use]
    pub fn within(whole: &Arc<Zeroizing<Vec<u8>>>, text: &str) -> Option<Self> {
        let start = (text.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
        let range = start..start + text.len();
        let is_part = whole.get(range.clone()).is_some_and(|part| std::ptr::eq(part, text.as_bytes()));
        is_part.then(|| Self { whole: Arc::clone(whole), range })
    }
}

impl From<SecretBytes> for SecretPart {
    fn from(bytes: SecretBytes) -> Self {
        Self { range: 0..bytes.len(), whole: Arc::new(bytes.0) }
    }
}

impl Deref for SecretPart {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.whole[self.range.clone()]
    }
}

impl PartialEq for SecretPart {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for SecretPart {}

impl fmt::Debug for SecretPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_byte_of_the_secret() {
        let secret = SecretBytes::from("hunter2");
        assert_eq!(format!("{secret:?}"), "[secret]");
        assert_eq!(format!("{:?}", SecretPart::from(secret)), "[secret]");
    }

    #[test]
    fn a_part_is_of_its_own_plaintext_only() {
        let whole = Arc::new(Zeroizing::new(b"one two".to_vec()));
        let text = std::str::from_utf8(&whole).unwrap();
        let part = SecretPart::within(&whole, &text[4..]).unwrap();
        assert_eq!(&*part, b"two");
        assert_eq!(part, SecretPart::from(SecretBytes::from("two")));
        assert_eq!(SecretPart::within(&whole, "two"), None);
    }
}
