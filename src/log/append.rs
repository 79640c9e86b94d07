//! Writing the log: append the sealed entry, begin the flush, then overwrite the key.

use super::key::{Record, Stored};
use super::segment::{self, Chain, Header, Next, ReadHeader};
use super::{Action, Entry};
use crate::error::{Error, Result};
use crate::fs;
use crate::identity::{PrivateKeys, Recipient};
use crate::item::Anchor;
use crate::name::UserName;
use crate::roster::Roster;
use crate::signature::Hash;
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long an append waits for another one.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest segment that is read back, in bytes.
pub(super) const MAX_SEGMENT: usize = 1024 * 1024 * 1024;

/// Writes the log of one user of one vault on this device.
pub struct Writer {
    directory: PathBuf,
    /// Whether every entry waits for the disk.
    sync: bool,
}

/// What starting a segment takes: the user's identity, and who shall be able to read it.
pub struct Signer<'a> {
    /// The vault's id.
    pub vault: &'a Hash,
    /// Whose log.
    pub user: &'a UserName,
    /// The user's keys; without them an existing segment is continued and none begun.
    pub keys: Option<&'a PrivateKeys>,
    /// The user's recipient and the admins'.
    pub readers: Vec<&'a Recipient>,
    /// The roster: it tells who signed which segment.
    pub roster: &'a Roster,
}

/// Keeps others from appending to the log in this directory while it lives.
pub(super) fn lock(directory: &Path) -> Result<File> {
    let key_path = directory.join("key");
    let key_file = open_private(&key_path).map_err(|error| cannot_write(&key_path, &error))?;
    fs::lock(&key_file, &key_path, LOCK_TIMEOUT)?;
    Ok(key_file)
}

impl<'a> Signer<'a> {
    pub(super) fn keys(&self) -> Result<&'a PrivateKeys> {
        self.keys.ok_or_else(|| {
            Error::unlock("the access log has to begin a new segment, which takes the passphrase or key")
                .hint("vault unlock asks for it")
        })
    }

    fn readers_hash(&self) -> Hash {
        let mut readers: Vec<_> = self.readers.iter().map(|reader| reader.as_bytes()).collect();
        readers.sort_unstable();
        readers.dedup();
        let hasher = readers.iter().fold(Sha256::new(), sha2::Digest::chain_update);
        Hash::from_bytes(hasher.finalize().into())
    }
}

impl Writer {
    /// A writer for the log in this directory.
    #[must_use]
    pub fn new(directory: PathBuf, sync: bool) -> Self {
        Self { directory, sync }
    }

    /// Whether there is a log that can be continued without the user's identity.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.key_path().exists()
    }

    /// Whether the next entry goes into a segment that is there and that these readers can read.
    #[must_use]
    pub fn can_continue(&self, signer: &Signer<'_>) -> bool {
        let record = open_private(&self.key_path()).and_then(|file| Record::load(&file));
        matches!(record, Ok(Stored::Record(record)) if record.readers == signer.readers_hash())
    }

    /// Appends entries, in one write; gives this device's name and the place of the last entry.
    ///
    /// Without a signer an existing segment is continued.
    ///
    /// # Errors
    /// A failure if the entries could not be written: then nothing may be handed out. A busy error after 5 seconds of
    /// waiting for another writer.
    pub fn append(&self, mut entries: Vec<Entry>, signer: Option<&Signer<'_>>) -> Result<(String, Anchor)> {
        fs::create_private_directory(&self.directory)?;
        let key_path = self.key_path();
        let cannot = |error: &io::Error| cannot_write(&key_path, error);
        let key_file = open_private(&key_path).map_err(|error| cannot(&error))?;
        fs::lock(&key_file, &key_path, LOCK_TIMEOUT)?;
        let device = self.device()?;
        let mut end = self.find_end(&key_file, signer)?;
        if let Some(note) = end.note.take() {
            let own = entries[0].note.take();
            entries[0].note = Some(own.map_or(note.clone(), |own| format!("{own}; {note}")));
        }
        let (mut record, mut file) = match end.place {
            Place::Continue(record, file) => (record, file),
            Place::Start(previous) => {
                let signer = signer.ok_or_else(|| Error::failed("the log can't be continued without unlocking"))?;
                self.start_segment(&device, &previous, signer, &key_file)?
            }
        };
        let mut chain =
            Chain { header: record.header, number: record.number, previous: record.previous, key: record.key.clone() };
        let mut frames = Vec::new();
        for entry in end.damage.iter().chain(&entries) {
            frames.extend(chain.seal(entry)?);
        }
        let log_path = segment::path(&self.directory, record.segment);
        write_frames(&mut file, &frames, record.offset, self.sync).map_err(|error| cannot_write(&log_path, &error))?;
        record.offset += frames.len() as u64;
        let anchor = Anchor { segment: record.segment, number: chain.number - 1, hash: chain.previous };
        (record.number, record.previous, record.key) = (chain.number, chain.previous, chain.key);
        record.store(&key_file).map_err(|error| cannot(&error))?;
        Ok((device, anchor))
    }

    fn key_path(&self) -> PathBuf {
        self.directory.join("key")
    }

    /// This device's name: 16 random bytes in hexadecimal, made at the first use.
    fn device(&self) -> Result<String> {
        let path = self.directory.join("device");
        match std::fs::read_to_string(&path) {
            Ok(text) if crate::signature::from_hex::<16>(text.trim()).is_some() => Ok(text.trim().to_owned()),
            Ok(_) => Err(Error::integrity(format!("{} was changed", path.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let device = crate::item::random_id();
                fs::write_private(&path, device.as_bytes())?;
                Ok(device)
            }
            Err(error) => Err(Error::io("read", &path, &error)),
        }
    }

    /// Finds where the next entry goes: usually right where the key file says.
    fn find_end(&self, key_file: &File, signer: Option<&Signer<'_>>) -> Result<End> {
        let record = match Record::load(key_file).map_err(|error| Error::io("read", &self.key_path(), &error))? {
            Stored::Record(record) => record,
            Stored::Nothing if !self.has_entries()? => return Ok(End::start(Previous::none())),
            Stored::Nothing => return self.damaged("the key file is missing", signer),
            Stored::Damaged => return self.damaged("the key file is damaged", signer),
        };
        if self.goes_on(record.segment + 1)? {
            // Nothing is missing by that: all that follows is there.
            let end = End::start(self.last_entry(signer)?);
            return Ok(End { note: Some("an older key file was put back".to_owned()), ..end });
        }
        let path = segment::path(&self.directory, record.segment);
        let file = match File::options().read(true).append(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let what = format!("segment {} is missing", record.segment);
                return Ok(End::damage(Previous::of(&record), &what));
            }
            Err(error) => return Err(cannot_write(&path, &error)),
        };
        let length = file.metadata().map_err(|error| cannot_write(&path, &error))?.len();
        if length < record.offset {
            let what = format!("segment {} ends before entry {}", record.segment, record.number);
            return Ok(End::damage(Previous::of(&record), &what));
        }
        let mut end = End { place: Place::Continue(record, file), note: None, damage: None };
        if let Place::Continue(record, file) = &mut end.place {
            if length > record.offset {
                let known = record.number;
                match catch_up(record, file, length).map_err(|error| cannot_write(&path, &error))? {
                    Tail::Whole => {
                        end.note = Some(format!("the key file was {} entries behind", record.number - known));
                    }
                    Tail::Cut(bytes) => end.note = Some(format!("cut {bytes} bytes of an unfinished entry")),
                    Tail::Forged => {
                        let what = format!("entry {} is not authentic", record.number);
                        return Ok(End::damage(Previous::of(record), &what));
                    }
                }
            }
            if signer.is_some_and(|signer| signer.readers_hash() != record.readers) {
                end.place = Place::Start(Previous::of(record));
            }
        }
        Ok(end)
    }

    /// Whether a segment of this number holds entries.
    fn goes_on(&self, segment: u32) -> Result<bool> {
        let path = segment::path(&self.directory, segment);
        if !path.exists() {
            return Ok(false);
        }
        let bytes = fs::read(&path, MAX_SEGMENT)?.0;
        // Without a whole header it is what a program left that died while it began a segment.
        Ok(ReadHeader::split(&bytes).is_some_and(|(_, entries)| !entries.is_empty()))
    }

    fn has_entries(&self) -> Result<bool> {
        for number in segment::list(&self.directory)? {
            if self.goes_on(number)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The key file is of no use, and where the log ended can't be known.
    fn damaged(&self, what: &str, signer: Option<&Signer<'_>>) -> Result<End> {
        Ok(End::damage(self.last_entry(signer)?, what))
    }

    /// Whoever has the identity finds the last good entry by reading.
    fn last_entry(&self, signer: Option<&Signer<'_>>) -> Result<Previous> {
        let Some(signer) = signer else {
            return Err(Error::failed("the log can't be continued without unlocking"));
        };
        let mut previous = Previous::none();
        for number in segment::list(&self.directory)? {
            let path = segment::path(&self.directory, number);
            let bytes = fs::read(&path, MAX_SEGMENT)?.0;
            let Some((head, mut rest)) = ReadHeader::split(&bytes) else { continue };
            // Anybody can encrypt to the user: what the user has not signed is not gone on from.
            if !head.is_of(signer.user, signer.roster) {
                continue;
            }
            let Some(key) = head.open(signer.keys()?) else { continue };
            let mut chain = head.chain(key);
            while let Next::Entry(_, length) = chain.open(rest) {
                rest = &rest[length..];
            }
            let header = &head.header;
            previous =
                Previous { segment: header.segment, header: head.hash, number: chain.number - 1, hash: chain.previous };
        }
        // A segment that can't be read keeps its number: nothing is ever written over it.
        previous.segment = segment::list(&self.directory)?.last().copied().unwrap_or(0).max(previous.segment);
        Ok(previous)
    }

    /// The key file points at the new segment before the first entry is in it: a crash in between leaves a header that
    /// nothing follows, and the next start goes over it.
    fn start_segment(
        &self,
        device: &str,
        previous: &Previous,
        signer: &Signer<'_>,
        key_file: &File,
    ) -> Result<(Record, File)> {
        let mut key = Zeroizing::new([0; 32]);
        rand::rngs::OsRng.fill_bytes(&mut *key);
        let segment = previous.segment + 1;
        let header = Header {
            vault: *signer.vault,
            user: signer.user.clone(),
            device: device.to_owned(),
            segment,
            previous: previous.header,
            last_number: previous.number,
            last_hash: previous.hash,
            roster: signer.roster.head().version,
            key: String::new(),
        };
        let (line, hash) = header.seal(&key, signer.readers.iter().copied(), signer.keys()?)?;
        let path = segment::path(&self.directory, segment);
        let _ = std::fs::remove_file(&path);
        let mut file = fs::create_private(&path).map_err(|error| cannot_write(&path, &error))?;
        let write = |file: &mut File| -> io::Result<()> {
            file.write_all(&line)?;
            file.sync_all()?;
            File::open(&self.directory)?.sync_all()
        };
        write(&mut file).map_err(|error| {
            let _ = std::fs::remove_file(&path);
            cannot_write(&path, &error)
        })?;
        let record = Record {
            segment,
            number: previous.number + 1,
            offset: line.len() as u64,
            header: hash,
            previous: previous.hash,
            readers: signer.readers_hash(),
            key,
        };
        record.store(key_file).map_err(|error| cannot_write(&self.key_path(), &error))?;
        Ok((record, file))
    }
}

/// The end of the log as it was found.
struct End {
    place: Place,
    /// To be said in the next entry.
    note: Option<String>,
    /// To be said in an entry of its own, before.
    damage: Option<Entry>,
}

enum Place {
    Continue(Record, File),
    Start(Previous),
}

/// What a new segment follows.
struct Previous {
    segment: u32,
    header: Hash,
    number: u64,
    hash: Hash,
}

impl Previous {
    fn none() -> Self {
        Self { segment: 0, header: Hash::ZERO, number: 0, hash: Hash::ZERO }
    }

    fn of(record: &Record) -> Self {
        Self { segment: record.segment, header: record.header, number: record.number - 1, hash: record.previous }
    }
}

impl End {
    fn start(previous: Previous) -> Self {
        Self { place: Place::Start(previous), note: None, damage: None }
    }

    fn damage(previous: Previous, what: &str) -> Self {
        let mut entry = Entry::new(Action::Damage);
        entry.note = Some(what.to_owned());
        Self { damage: Some(entry), ..Self::start(previous) }
    }
}

/// What stood behind the place that the key file knows.
enum Tail {
    /// Entries whose key was not overwritten before the program died.
    Whole,
    /// An unfinished entry of this many bytes, cut off.
    Cut(usize),
    /// Something that is no entry of ours; left as it is.
    Forged,
}

fn catch_up(record: &mut Record, file: &mut File, length: u64) -> io::Result<Tail> {
    let mut bytes = vec![0; usize::try_from(length - record.offset).unwrap_or(MAX_SEGMENT).min(MAX_SEGMENT)];
    file.seek(SeekFrom::Start(record.offset))?;
    file.read_exact(&mut bytes)?;
    let mut rest = &bytes[..];
    let mut chain =
        Chain { header: record.header, number: record.number, previous: record.previous, key: record.key.clone() };
    let tail = loop {
        match chain.open(rest) {
            Next::Entry(_, length) => {
                rest = &rest[length..];
                record.offset += length as u64;
            }
            Next::End => break Tail::Whole,
            Next::Forged => break Tail::Forged,
            Next::Torn(torn) => {
                file.set_len(record.offset)?;
                break Tail::Cut(torn.len());
            }
        }
    };
    (record.number, record.previous, record.key) = (chain.number, chain.previous, chain.key);
    Ok(tail)
}

/// One write of all frames; on failure the file gets its old length back.
fn write_frames(file: &mut File, frames: &[u8], offset: u64, sync: bool) -> io::Result<()> {
    let result = file.write_all(frames).and_then(|()| flush(file, offset, frames.len(), sync));
    if result.is_err() {
        let _ = file.set_len(offset);
    }
    result
}

/// Waits for the disk, or has the kernel begin to write what was written out: POSIX_FADV_DONTNEED starts the write-back of
/// the pages (Linux, mm/fadvise.c) and costs less than a tenth of a millisecond where waiting costs two to four. The range
/// is exact, because the kernel also lets go of all whole pages in it, which takes the longer the larger the log is.
fn flush(file: &File, offset: u64, length: usize, sync: bool) -> io::Result<()> {
    if sync {
        return file.sync_data();
    }
    #[cfg(target_os = "linux")]
    rustix::fs::fadvise(file, offset, NonZero::new(length as u64), rustix::fs::Advice::DontNeed)?;
    Ok(())
}

fn open_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = File::options();
    options
        .read(true)
        .write(true)
        .mode(0o600)
        .custom_flags(i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0));
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => options.create(true).truncate(false).open(path),
        opened => opened,
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Error {
    Error::failed(format!("the access log can't be written: {}: {}", path.display(), crate::error::reason(error)))
        .hint("nothing is handed out without a log entry; make room or allow writing there (VAULT_STATE_DIR)")
}
