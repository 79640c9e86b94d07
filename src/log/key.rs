//! The key file: a small record with a checksum. It says where the log ends and holds the key of the next entry.
//!
//! The file holds the record twice, and both copies are overwritten in one write. Whatever a crash leaves, one copy is
//! whole. At worst the record before the last append survives, never the key of an older entry.

use crate::error::{Error, Result};
use crate::fs;
use crate::signature::Hash;
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use zeroize::{Zeroize as _, Zeroizing};

/// The maximum number of an entry. No log gets near it.
pub(super) const MAX_NUMBER: u64 = u64::MAX / 2;
const MAGIC: &[u8; 8] = b"vltlog1\n";
/// How many of the segment's lists of items the record remembers.
pub(super) const LISTS: usize = 8;
/// The record's length in bytes: magic, segment (u32), number (u64), offset (u64), all big-endian; four times 32 bytes;
/// the lists; SHA-256 of everything before it.
const LENGTH: usize = 8 + 4 + 8 + 8 + 4 * 32 + LISTS * LIST + 32;

/// The id of a list of items that an earlier entry of the segment names; zeros for none.
pub(super) type ListId = [u8; LIST];
const LIST: usize = 16;

/// The key of one entry.
pub(super) type EntryKey = Zeroizing<[u8; 32]>;

/// The end of the log.
#[derive(Clone)]
pub(super) struct Record {
    /// The current segment.
    pub segment: u32,
    /// The number of the next entry.
    pub number: u64,
    /// Where the next entry begins in the segment's file, in bytes.
    pub offset: u64,
    /// The hash of the segment's header.
    pub header: Hash,
    /// The hash of the last entry.
    pub previous: Hash,
    /// The hash of the set of readers who can open the segment. Another set requires a new segment.
    pub readers: Hash,
    /// The key of the next entry.
    pub key: EntryKey,
    /// The lists of items that entries of this segment have named, most recent first.
    pub lists: [ListId; LISTS],
}

/// The content of the key file.
pub(super) enum Stored {
    Nothing,
    Damaged,
    Record(Box<Record>),
}

impl Record {
    /// Reads the key file.
    pub(super) fn load(file: &File) -> io::Result<Stored> {
        let mut bytes = Zeroizing::new([0; 2 * LENGTH]);
        let mut length = 0;
        while length < bytes.len() {
            match file.read_at(&mut bytes[length..], length as u64) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if length == 0 {
            return Ok(Stored::Nothing);
        }
        let (first, second) = bytes[..length].split_at(length.min(LENGTH));
        let newest = match (Self::from_bytes(first), Self::from_bytes(second)) {
            (Some(first), Some(second)) => Some(if second.place() > first.place() { second } else { first }),
            (first, second) => first.or(second),
        };
        Ok(newest.map_or(Stored::Damaged, |record| Stored::Record(Box::new(record))))
    }

    /// Overwrites the key file in place, which removes the previous key from it.
    pub(super) fn store(&self, file: &File) -> io::Result<()> {
        let once = self.to_bytes();
        let mut twice = Zeroizing::new([0; 2 * LENGTH]);
        twice[..LENGTH].copy_from_slice(&*once);
        twice[LENGTH..].copy_from_slice(&*once);
        file.write_all_at(&*twice, 0)
    }

    fn place(&self) -> (u32, u64) {
        (self.segment, self.number)
    }

    fn to_bytes(&self) -> Zeroizing<[u8; LENGTH]> {
        let Self { segment, number, offset, header, previous, readers, key, lists } = self;
        let mut bytes = Zeroizing::new([0; LENGTH]);
        let mut rest = &mut bytes[..];
        let parts: [&[u8]; 9] = [
            MAGIC,
            &segment.to_be_bytes(),
            &number.to_be_bytes(),
            &offset.to_be_bytes(),
            header.as_bytes(),
            previous.as_bytes(),
            readers.as_bytes(),
            &**key,
            lists.as_flattened(),
        ];
        for part in parts {
            let (place, behind) = rest.split_at_mut(part.len());
            place.copy_from_slice(part);
            rest = behind;
        }
        let checksum = Sha256::digest(&bytes[..LENGTH - 32]);
        bytes[LENGTH - 32..].copy_from_slice(&checksum);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != LENGTH {
            return None;
        }
        let (body, checksum) = bytes.split_at(LENGTH - 32);
        if Sha256::digest(body).as_slice() != checksum {
            return None;
        }
        let mut rest = body.strip_prefix(MAGIC)?;
        let segment = u32::from_be_bytes(take(&mut rest)?);
        let number = u64::from_be_bytes(take(&mut rest)?);
        let offset = u64::from_be_bytes(take(&mut rest)?);
        let header = Hash::from_bytes(take(&mut rest)?);
        let previous = Hash::from_bytes(take(&mut rest)?);
        let readers = Hash::from_bytes(take(&mut rest)?);
        let mut raw: [u8; 32] = take(&mut rest)?;
        let key = Zeroizing::new(raw);
        raw.zeroize();
        let mut lists = [[0; LIST]; LISTS];
        for list in &mut lists {
            *list = take(&mut rest)?;
        }
        // The checksum catches accidents. Numbers that this program never writes are rejected as well.
        let possible = (1..u32::MAX).contains(&segment) && (1..=MAX_NUMBER).contains(&number);
        possible.then_some(Self { segment, number, offset, header, previous, readers, key, lists })
    }
}

/// Reads the key file in `directory`.
pub(super) fn load_key_file(directory: &Path) -> Result<Stored> {
    let path = path(directory);
    let Some((file, _)) = fs::open_if_there(&path)? else { return Ok(Stored::Nothing) };
    Record::load(&file).map_err(|error| Error::io("read", &path, &error))
}

/// Returns the path of the key file in `directory`. A writer locks this file before it appends.
pub(super) fn path(directory: &Path) -> PathBuf {
    directory.join("key")
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (part, behind) = rest.split_first_chunk()?;
    *rest = behind;
    Some(*part)
}

/// Derives the key of the next entry.
pub(super) fn next_key(key: &EntryKey) -> EntryKey {
    let mut next = Zeroizing::new([0; 32]);
    // This can't fail: HKDF-SHA-256 (RFC 5869) gives up to 8,160 bytes.
    let _ = Hkdf::<Sha256>::new(None, &**key).expand(b"vault/log-key/v1", &mut *next);
    next
}
