//! Writes the log: appends the sealed entry, starts the flush to disk, then overwrites the key.

use super::Entry;
use super::device::DeviceFile;
use super::end::{Finder, Place, Previous};
use super::export::{Form, Unsealed};
use super::files::{self, cannot_continue, cannot_write, open_private, write_frames};
use super::key::{self, LISTS, ListId, Record, Stored, load_key_file};
use super::lists::shorten;
use super::segment::{Chain, Header};
use super::signer::Signer;
use crate::error::{Error, Reason, Result};
use crate::fs;
use crate::identity::PrivateKeys;
use crate::item::{Anchor, AnchorStatement};
use crate::name::UserName;
use crate::random;
use crate::redact::{keys, line};
use crate::signature::Hash;
use crate::time::Time;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The longest note of an entry, in bytes.
const LONGEST_NOTE: usize = 4096;
/// The size at which a segment is full, in bytes.
pub const FULL_SEGMENT: u64 = 16 * 1024 * 1024;

/// Writes the log of one user of one vault on this device.
pub(crate) struct Writer {
    directory: PathBuf,
    device: DeviceFile,
    /// Whether every write waits until its entries are on disk.
    sync: bool,
    /// The size, in bytes, at which a segment is full: the next append with a signer starts a new one.
    pub(super) full: u64,
    clock: fn() -> Time,
}

/// The last entry of one append.
pub(super) struct Written {
    pub segment: u32,
    number: u64,
    hash: Hash,
    time: Time,
}

impl Writer {
    /// Returns a writer for a user's log in the state directory of a vault.
    #[must_use]
    pub(crate) fn new(state: &Path, user: &UserName, sync: bool) -> Self {
        let (directory, device) = (super::directory::path(state, user), DeviceFile::new(state, user));
        Self { directory, device, sync, full: FULL_SEGMENT, clock: Time::now }
    }

    /// Returns a writer that takes the entries' times from `clock`, for tests.
    #[cfg(test)]
    pub(super) fn with_clock(self, clock: fn() -> Time) -> Self {
        Self { clock, ..self }
    }

    /// Whether there is a log that can be continued without the user's private keys.
    #[must_use]
    pub(crate) fn exists(&self) -> bool {
        matches!(load_key_file(&self.directory), Ok(Stored::Record(_)))
    }

    /// Appends entries in one write. Each gets the time of the write.
    ///
    /// # Errors
    /// A failure if the entries could not be written; the caller must then hand out nothing. A busy error if another
    /// writer held the lock for 5 seconds.
    pub(crate) fn append(&self, entries: Vec<Entry>, signer: &Signer<'_>) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        self.append_locked(&self.lock()?, entries, Some(signer), false).map(|_| ())
    }

    /// Appends an entry that nobody can sign, because there are no keys. Only an existing segment can be continued.
    ///
    /// # Errors
    /// As [`Writer::append`]; or if there is no segment.
    pub(crate) fn append_unsigned(&self, entry: Entry) -> Result<()> {
        if !self.directory.exists() {
            return Err(cannot_continue());
        }
        self.append_locked(&self.lock()?, vec![entry], None, false).map(|_| ())
    }

    /// Appends the entries of a change to the vault, and waits until they are on disk. Returns the device's name, and an
    /// anchor to the last entry for the change to carry.
    ///
    /// # Errors
    /// As [`Writer::append`].
    pub(crate) fn append_anchored(&self, entries: Vec<Entry>, signer: &Signer<'_>) -> Result<(String, Anchor)> {
        let Written { segment, number, hash, time } = self.append_locked(&self.lock()?, entries, Some(signer), true)?;
        let device = self.device_of(segment)?;
        let (user, roster) = (signer.user, signer.roster.head().version);
        let statement = AnchorStatement { user, device: &device, segment, number, hash, time, roster };
        let anchor = statement.signed(signer.keys.sign_anchor(signer.vault, &statement)?);
        Ok((device, anchor))
    }

    /// Appends `entry`, which says that the log was exported, then seals the whole log for its user and the admins into
    /// `sealed`, and returns `sealed`.
    ///
    /// # Errors
    /// If `sealed` can't be written to. If the log can't be written or read, the error wraps this crate's own
    /// ([`Error::io`]).
    pub(crate) fn export<W: io::Write>(
        &self,
        entry: Entry,
        signer: &Signer<'_>,
        keys: &PrivateKeys,
        sealed: W,
    ) -> io::Result<W> {
        self.sign_export(entry, signer, keys).map_err(io::Error::other)?.seal_into(signer, sealed)
    }

    fn sign_export(&self, entry: Entry, signer: &Signer<'_>, keys: &PrivateKeys) -> Result<Unsealed> {
        let key_file = self.lock()?;
        self.append_locked(&key_file, vec![entry], Some(signer), false)?;
        let segments = files::list_with_lengths(&self.directory)?;
        // Written entries never change, so others may append while these are read.
        drop(key_file);
        match Unsealed::sign(&self.directory, &segments, signer, keys, Form::Export) {
            // Segments were archived meanwhile. The remaining ones hold the statement that says so.
            Err(error) if error.is_missing_file() => {
                let segments = files::list_with_lengths(&self.directory)?;
                Unsealed::sign(&self.directory, &segments, signer, keys, Form::Export)
            }
            signed => signed,
        }
    }

    /// Locks the key file, so that nobody else appends until it is dropped.
    pub(super) fn lock(&self) -> Result<File> {
        fs::create_state_directory(&self.directory)?;
        let key_path = self.key_path();
        let key_file = open_private(&key_path).map_err(|error| cannot_write(&key_path, &error))?;
        // Other writers hold the lock for less than a tenth of a millisecond, unless they wait for the disk.
        fs::lock_held_briefly(&key_file, &key_path, fs::STATE_LOCK_TIMEOUT)?;
        Ok(key_file)
    }

    pub(super) fn append_locked(
        &self,
        key_file: &File,
        mut entries: Vec<Entry>,
        signer: Option<&Signer<'_>>,
        anchored: bool,
    ) -> Result<Written> {
        let (directory, full) = (&self.directory, self.full);
        let begun = self.device.exists();
        let finder = Finder { directory, signer, anchored, begun, full };
        let mut end = finder.find(key_file)?;
        if let (Some(note), Some(first)) = (end.note.take(), entries.first_mut()) {
            first.note = Some(first.note.take().map_or(note.clone(), |own| format!("{own}; {note}")));
        }
        let (mut record, mut file) = match end.place {
            Place::Continue(record, file) => (record, file),
            Place::Start(previous) => {
                let signer = signer.ok_or_else(cannot_continue)?;
                let (record, file) = self.start_segment(&previous, signer, key_file)?;
                (Box::new(record), file)
            }
        };
        // Read the clock only under the lock. Otherwise another writer's later time could come first in the log.
        let time = (self.clock)();
        let (chain, frames) = seal(end.damage.into_iter().chain(entries), time, &mut record)?;
        let log_path = files::path(&self.directory, record.segment);
        let sync = self.sync || anchored;
        write_frames(&mut file, &frames, record.offset, sync).map_err(|error| cannot_write(&log_path, &error))?;
        record.offset += frames.len() as u64;
        chain.store_in(&mut record);
        record.store(key_file).map_err(|error| cannot_write(&self.key_path(), &error))?;
        if !begun {
            self.device.store(&self.device_of(record.segment)?)?;
        }
        Ok(Written { segment: record.segment, number: record.number - 1, hash: record.previous, time })
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    fn key_path(&self) -> PathBuf {
        key::path(&self.directory)
    }

    /// Returns the device's name in the header of a segment.
    fn device_of(&self, segment: u32) -> Result<String> {
        let path = files::path(&self.directory, segment);
        let head = files::read_head(&path)?;
        head.map(|head| head.header.device)
            .ok_or_else(|| Error::new(Reason::LogChanged, format!("{} has no valid header", path.display())))
    }

    /// Returns the device's name for a new segment: the one in the last segment that the user signed. The device file
    /// counts only if there is no such segment, because any process of this user can write it. The first time, a name is
    /// made.
    fn device(&self, signer: &Signer<'_>) -> Result<String> {
        for number in files::list(&self.directory)?.into_iter().rev() {
            match files::read_head(&files::path(&self.directory, number))? {
                Some(head) if head.is_of(signer.user, signer.roster) => return Ok(head.header.device),
                _ => {}
            }
        }
        self.device.load()?.map_or_else(crate::item::random_id, Ok)
    }

    /// Creates the next segment and points the key file at it, before the segment has an entry. A crash in between leaves
    /// a header without entries, which the next start overwrites. Waits for the disk, because the segment can't be read
    /// without its header.
    fn start_segment(&self, previous: &Previous, signer: &Signer<'_>, key_file: &File) -> Result<(Record, File)> {
        let mut key = Zeroizing::new([0; 32]);
        random::fill(&mut *key)?;
        let segment = previous.segment + 1;
        let header = Header {
            vault: *signer.vault,
            user: signer.user.clone(),
            device: self.device(signer)?,
            segment,
            previous: previous.header,
            last_number: previous.number,
            last_hash: previous.hash,
            roster: signer.roster.head().version,
            key: String::new(),
        };
        let (line, hash) = header.seal(&key, signer.readers.iter().copied(), signer.keys)?;
        let file = self.create_segment(segment, &line)?;
        let record = Record {
            segment,
            number: previous.number + 1,
            offset: line.len() as u64,
            header: hash,
            previous: previous.hash,
            readers: signer.readers_hash(),
            key,
            lists: [ListId::default(); LISTS],
        };
        let stored = record.store(key_file).and_then(|()| key_file.sync_data());
        stored.map_err(|error| cannot_write(&self.key_path(), &error))?;
        Ok((record, file))
    }

    /// Creates the file of a segment with its header, on the disk. What a crash left there is replaced.
    fn create_segment(&self, segment: u32, header: &[u8]) -> Result<File> {
        let path = files::path(&self.directory, segment);
        let _ = std::fs::remove_file(&path);
        let mut file = fs::create_private(&path).map_err(|error| cannot_write(&path, &error))?;
        let write = |file: &mut File| -> io::Result<()> {
            file.write_all(header)?;
            file.sync_all()?;
            File::open(&self.directory)?.sync_all()
        };
        write(&mut file).map_err(|error| {
            let _ = std::fs::remove_file(&path);
            cannot_write(&path, &error)
        })?;
        Ok(file)
    }
}

/// Seals entries with their time, after the position that the record names. A note can be the error of a program that uses
/// the library. So it becomes one line here, without a key, and what is too long is cut off.
fn seal(entries: impl Iterator<Item = Entry>, time: Time, record: &mut Record) -> Result<(Chain, Vec<u8>)> {
    let mut chain = Chain::from_record(record);
    let mut frames = Vec::new();
    for entry in entries {
        let note = entry.note.as_deref().map(|note| line(&keys(note), LONGEST_NOTE));
        let mut entry = Entry { time, note, ..entry };
        shorten(&mut entry, &mut record.lists);
        frames.extend(chain.seal(&entry)?);
    }
    Ok((chain, frames))
}
