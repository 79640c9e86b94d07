//! The payload of an age file (age-encryption.org/v1, "Payload"), decrypted in the buffer that it was read into: the age
//! crate's reader copies it twice, and a second buffer of its size takes as long to get from the system as to decrypt.

use chacha20poly1305::aead::{AeadInPlace as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use zeroize::Zeroizing;

/// The length of a chunk's text, in bytes. Only the last chunk is shorter.
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// Decrypts the payload after a header of this length, with the payload's key. Returns `None` if it was changed or cut.
/// `crypto::properties` compares the result with that of the age crate.
#[must_use]
pub fn open(bytes: Vec<u8>, header: usize, key: &[u8; 32]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = ChaCha20Poly1305::new(key.into());
    let mut bytes = Zeroizing::new(bytes);
    let (mut from, mut to) = (header, 0);
    for number in 0_u64.. {
        let length = bytes.len().checked_sub(from + TAG)?.min(CHUNK);
        let end = from + length;
        let is_last = end + TAG == bytes.len();
        // Only an empty text has an empty chunk.
        if length == 0 && number > 0 {
            return None;
        }
        let tag = Tag::clone_from_slice(&bytes[end..end + TAG]);
        bytes.copy_within(from..end, to);
        let chunk = &mut bytes[to..to + length];
        cipher.decrypt_in_place_detached(&nonce(number, is_last), b"", chunk, &tag).ok()?;
        (from, to) = (end + TAG, to + length);
        if is_last {
            break;
        }
    }
    bytes.truncate(to);
    Some(bytes)
}

/// Eleven bytes that count the chunks from 0, and one that says which is the last.
fn nonce(number: u64, is_last: bool) -> Nonce {
    let mut nonce = Nonce::default();
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = is_last.into();
    nonce
}
