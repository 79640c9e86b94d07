//! A growing buffer that leaves no copy of a secret behind.

use crate::secret::SecretBytes;
use zeroize::Zeroizing;

/// Bytes that are wiped on drop and when the buffer grows. A plain `Vec` would free its old memory without wiping it.
#[derive(Default)]
pub(super) struct Buffer(Zeroizing<Vec<u8>>);

impl Buffer {
    /// Appends `bytes`.
    pub(super) fn push(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(2 * self.0.capacity()).max(256)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    /// Drops and wipes everything after the first `length` bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        if let Some(rest) = self.0.get_mut(length..) {
            zeroize::Zeroize::zeroize(rest);
        }
        self.0.truncate(length);
    }

    /// Returns the bytes so far.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the bytes as a secret.
    pub(super) fn into_secret(mut self) -> SecretBytes {
        SecretBytes::new(std::mem::take(&mut *self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushed_bytes_come_back_in_order_after_growing() {
        let mut buffer = Buffer::default();
        let mut expected = Vec::new();
        for i in 0..1000_u32 {
            buffer.push(i.to_be_bytes());
            expected.extend(i.to_be_bytes());
        }
        assert_eq!(buffer.as_bytes(), expected);
        assert_eq!(&*buffer.into_secret(), expected);
    }
}
