//! The key file: one small checksummed record that says where the log ends and holds the key of the next entry.

use super::segment::MAX_NUMBER;
use crate::error::{Error, Result};
use crate::fs;
use crate::signature::Hash;
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use zeroize::{Zeroize as _, Zeroizing};

const MAGIC: &[u8; 8] = b"vltlog1\n";
/// Magic, segment u32, number u64, offset u64 (big-endian), four times 32 bytes, SHA-256 of all before.
const LENGTH: usize = 8 + 4 + 8 + 8 + 4 * 32 + 32;

/// The key of one entry.
pub(super) type EntryKey = Zeroizing<[u8; 32]>;

/// Where the log ends.
#[derive(Clone)]
pub(super) struct Record {
    /// The segment being written.
    pub segment: u32,
    /// The number of the next entry.
    pub number: u64,
    /// Where in the segment's file it goes, in bytes.
    pub offset: u64,
    /// The hash of the segment's header.
    pub header: Hash,
    /// The hash of the entry before.
    pub previous: Hash,
    /// A hash of who can open the segment: another set asks for a new segment.
    pub readers: Hash,
    /// The key of the next entry.
    pub key: EntryKey,
}

/// What the key file holds.
pub(super) enum Stored {
    Nothing,
    Damaged,
    Record(Record),
}

impl Record {
    /// Reads the key file.
    pub(super) fn load(file: &File) -> io::Result<Stored> {
        let mut bytes = Zeroizing::new([0; LENGTH + 1]);
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
        Ok(Self::from_bytes(&bytes[..length]).map_or(Stored::Damaged, Stored::Record))
    }

    /// Overwrites the key file in place, so that the key before is gone from it.
    pub(super) fn store(&self, file: &File) -> io::Result<()> {
        file.write_all_at(&*self.to_bytes(), 0)?;
        // What somebody put behind it would keep it damaged.
        if file.metadata()?.len() > LENGTH as u64 { file.set_len(LENGTH as u64) } else { Ok(()) }
    }

    fn to_bytes(&self) -> Zeroizing<[u8; LENGTH]> {
        let Self { segment, number, offset, header, previous, readers, key } = self;
        let mut bytes = Zeroizing::new([0; LENGTH]);
        let mut rest = &mut bytes[..];
        let parts: [&[u8]; 8] = [
            MAGIC,
            &segment.to_be_bytes(),
            &number.to_be_bytes(),
            &offset.to_be_bytes(),
            header.as_bytes(),
            previous.as_bytes(),
            readers.as_bytes(),
            &**key,
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
        let (body, checksum) = bytes.split_at_checked(LENGTH - 32)?;
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
        // The checksum is against accidents; numbers that this program never writes are no record, either.
        let possible = (1..u32::MAX).contains(&segment) && (1..=MAX_NUMBER).contains(&number);
        possible.then_some(Self { segment, number, offset, header, previous, readers, key })
    }
}

/// What the key file in this directory holds.
pub(super) fn load_key_file(directory: &Path) -> Result<Stored> {
    let path = directory.join("key");
    let Some((file, _)) = fs::open_if_there(&path)? else { return Ok(Stored::Nothing) };
    Record::load(&file).map_err(|error| Error::io("read", &path, &error))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (part, behind) = rest.split_first_chunk()?;
    *rest = behind;
    Some(*part)
}

/// The key of the entry after the one with this key.
pub(super) fn next_key(key: &EntryKey) -> EntryKey {
    let mut next = Zeroizing::new([0; 32]);
    // HKDF-SHA-256 (RFC 5869) gives up to 8,160 bytes.
    let _ = Hkdf::<Sha256>::new(None, &**key).expand(b"vault/log-key/v1", &mut *next);
    next
}
