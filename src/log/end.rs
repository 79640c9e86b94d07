//! Finds the end of the log. Usually it is where the key file says. Otherwise entries after that place are caught up
//! with, and everything else is recorded as damage.

use super::files::{self, cannot_continue, cannot_write};
use super::frames::read_frame;
use super::key::{Record, Stored};
use super::segment::{Chain, MAX_FRAME, Next, ReadHeader, SEAL, ends_in_zeros};
use super::signer::Signer;
use super::{Action, Entry};
use crate::error::{Error, Result};
use crate::signature::Hash;
use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

const NEVER_OF_THIS_LOG: &str = "the key file does not belong to this log";

/// The end of the log as it was found.
pub(super) struct End {
    pub place: Place,
    /// A note for the next entry.
    pub note: Option<String>,
    /// An entry about damage, to be written before the next one.
    pub damage: Option<Entry>,
}

pub(super) enum Place {
    Continue(Box<Record>, File),
    Start(Previous),
}

/// The last entry before a new segment, and its segment.
pub(super) struct Previous {
    pub segment: u32,
    pub header: Hash,
    pub number: u64,
    pub hash: Hash,
}

impl Previous {
    fn none() -> Self {
        Self { segment: 0, header: Hash::ZERO, number: 0, hash: Hash::ZERO }
    }

    fn from_record(record: &Record) -> Self {
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

/// What was found after the end that the key file records.
enum Tail {
    /// This many whole entries: the program died before it updated the key file.
    Whole(u64),
    /// An unfinished entry of this many bytes.
    Torn(u64),
    /// The segment is shorter than the key file says.
    Short,
    /// Zeros instead of the last entry, which never reached the disk.
    Lost,
    /// Bytes that are not an authentic entry. They are left as they are.
    Forged,
}

/// Finds the end of a log.
pub(super) struct Finder<'a> {
    pub directory: &'a Path,
    pub signer: Option<&'a Signer<'a>>,
    /// Whether an anchor will refer to the entry. The segment's header must then be signed by the user.
    pub anchored: bool,
    /// Whether there was a log here before.
    pub begun: bool,
    /// The size at which a segment is full, in bytes.
    pub full: u64,
}

impl Finder<'_> {
    pub(super) fn find(&self, key_file: &File) -> Result<End> {
        let path = self.directory.join("key");
        let mut record = match Record::load(key_file).map_err(|error| Error::io("read", &path, &error))? {
            Stored::Record(record) => record,
            // A program may have died while it wrote the first key file.
            Stored::Nothing | Stored::Damaged if !files::has_entries(self.directory)? => {
                let lost = || End::damage(Previous::none(), "the log that was here is missing");
                return Ok(if self.begun { lost() } else { End::start(Previous::none()) });
            }
            Stored::Nothing => return self.damaged("the key file is missing"),
            Stored::Damaged => return self.damaged("the key file is damaged"),
        };
        let path = files::path(self.directory, record.segment);
        let cannot = |error: &io::Error| cannot_write(&path, error);
        let Some(mut file) = files::open(&path).map_err(|error| cannot(&error))? else {
            return self.shorter(&record, &format!("segment {} is missing", record.segment));
        };
        let note = match catch_up(&mut record, &mut file).map_err(|error| cannot(&error))? {
            Tail::Short => {
                let what = format!("segment {} ends before entry {}", record.segment, record.number);
                return self.shorter(&record, &what);
            }
            Tail::Lost => {
                let what =
                    format!("entry {} was lost: zeros are in its place, as after a power cut", record.number - 1);
                return self.shorter(&record, &what);
            }
            Tail::Forged => return self.damaged(&format!("entry {} is not authentic", record.number)),
            Tail::Torn(_) if self.goes_on_after(&record)? => return self.damaged(NEVER_OF_THIS_LOG),
            Tail::Whole(_) if self.goes_on_after(&record)? => return self.end_of_later_segments(&record),
            Tail::Whole(0) => None,
            Tail::Whole(count) => Some(format!("the key file was {count} entries behind")),
            Tail::Torn(bytes) => {
                file.set_len(record.offset).map_err(|error| cannot(&error))?;
                Some(format!("removed {bytes} bytes of an unfinished entry"))
            }
        };
        let end = self.end_at(record, file)?;
        Ok(End { note, ..end })
    }

    fn goes_on_after(&self, record: &Record) -> Result<bool> {
        files::goes_on(&files::path(self.directory, record.segment + 1))
    }

    /// The end of a log that lacks entries the key file knows of: damage, after the last entry that the key file records.
    fn shorter(&self, record: &Record, what: &str) -> Result<End> {
        if self.goes_on_after(record)? {
            self.damaged(what)
        } else {
            Ok(End::damage(Previous::from_record(record), what))
        }
    }

    /// The end of a log that ends where the key file says. Decides whether to continue the segment or to start a new one.
    fn end_at(&self, record: Box<Record>, file: File) -> Result<End> {
        if self.asks_for_a_new_segment(&record)? {
            // A new segment overwrites the key file. If its key doesn't fit the log, entries may have been cut off, and
            // this is the last chance to notice.
            return match self.proves(&record)? {
                Some(false) => self.damaged(NEVER_OF_THIS_LOG),
                _ => Ok(End::start(Previous::from_record(&record))),
            };
        }
        if self.anchored && !self.is_own_header(&record)? {
            let what = format!("segment {} has another header", record.segment);
            return Ok(End::damage(Previous::from_record(&record), &what));
        }
        Ok(End { place: Place::Continue(record, file), note: None, damage: None })
    }

    /// The end of a log with segments after the one that the key file names. Nothing is missing if the key file is an
    /// older one of this log. With any other key file, entries may have been cut off.
    fn end_of_later_segments(&self, record: &Record) -> Result<End> {
        let next = files::read_head(&files::path(self.directory, record.segment + 1))?;
        let follows = next.is_some_and(|next| {
            let next = next.header;
            (next.previous, next.last_number, next.last_hash) == (record.header, record.number - 1, record.previous)
        });
        if !follows || self.proves(record)? == Some(false) {
            return self.damaged(NEVER_OF_THIS_LOG);
        }
        let end = End::start(self.last_entry()?);
        Ok(End { note: Some("an older key file was put back".to_owned()), ..end })
    }

    /// Whether a new segment is needed: the readers changed, or the segment is full. An older roster than the segment's,
    /// as in an older checkout, starts no segment, because roster versions never decrease along the log.
    fn asks_for_a_new_segment(&self, record: &Record) -> Result<bool> {
        let Some(signer) = self.signer else { return Ok(false) };
        let full = record.offset >= self.full;
        if record.readers == signer.readers_hash() && !full {
            return Ok(false);
        }
        let head = files::read_head(&files::path(self.directory, record.segment))?;
        let older = |head: &ReadHeader| head.hash == record.header && head.header.roster > signer.roster.head().version;
        Ok(!head.is_some_and(|head| older(&head)))
    }

    fn is_own_header(&self, record: &Record) -> Result<bool> {
        let head = files::read_head(&files::path(self.directory, record.segment))?;
        let is_signed = |head: &ReadHeader| self.signer.is_some_and(|signer| head.is_of(signer.user, signer.roster));
        Ok(head.is_some_and(|head| head.hash == record.header && is_signed(&head)))
    }

    /// Whether the key in the key file is the one that belongs to its place in the log; `None` if these keys can't open
    /// the segment.
    fn proves(&self, record: &Record) -> Result<Option<bool>> {
        let Some(signer) = self.signer else { return Ok(None) };
        let path = files::path(self.directory, record.segment);
        let found = files::read_head_and_open(&path)?;
        let Some((head, mut file)) = found.filter(|(head, _)| head.is_of(signer.user, signer.roster)) else {
            return Ok(Some(false));
        };
        let Some(key) = signer.open(&head)? else { return Ok(None) };
        let mut chain = head.chain(key);
        go_on(&mut chain, &mut file, record.number).map_err(|error| Error::io("read", &path, &error))?;
        Ok(Some(chain.is_at(record)))
    }

    /// The end of a log whose key file is useless, so that nobody can tell whether entries are missing at the end.
    fn damaged(&self, what: &str) -> Result<End> {
        Ok(End::damage(self.last_entry()?, what))
    }

    /// Finds the last good entry by reading the log, which takes the user's private keys.
    fn last_entry(&self) -> Result<Previous> {
        let Some(signer) = self.signer else {
            return Err(cannot_continue());
        };
        let mut previous = Previous::none();
        let segments = files::list(self.directory)?;
        for segment in segments.iter().rev() {
            let path = files::path(self.directory, *segment);
            let Some((head, mut file)) = files::read_head_and_open(&path)? else { continue };
            // Anybody can encrypt to the user, so only a segment that the user signed may be continued.
            if !head.is_of(signer.user, signer.roster) {
                continue;
            }
            let Some(key) = signer.open(&head)? else { continue };
            let mut chain = head.chain(key);
            go_on(&mut chain, &mut file, u64::MAX).map_err(|error| Error::io("read", &path, &error))?;
            previous =
                Previous { segment: *segment, header: head.hash, number: chain.number - 1, hash: chain.previous };
            break;
        }
        // An unreadable segment keeps its number, so that it is never overwritten.
        previous.segment = segments.last().copied().unwrap_or(0).max(previous.segment);
        Ok(previous)
    }
}

/// Moves `chain` over authentic entries until it reaches the number `until`. Returns their length in bytes and what
/// stopped it. Reads one entry at a time, because the file may have any size.
fn go_on(chain: &mut Chain, file: &mut File, until: u64) -> io::Result<(u64, Next)> {
    let (mut passed, mut frame) = (0, Vec::new());
    while chain.number < until {
        read_frame(file, &mut frame)?;
        match chain.open(&frame) {
            Next::Entry(_, length) => passed += length as u64,
            stopped => return Ok((passed, stopped)),
        }
    }
    Ok((passed, Next::End))
}

/// Moves the record forward over entries that exist after its place. Changes nothing in the file.
fn catch_up(record: &mut Record, file: &mut File) -> io::Result<Tail> {
    let length = file.metadata()?.len();
    if length < record.offset {
        return Ok(Tail::Short);
    }
    if ends_in_zeros(&read_before(file, record.offset)?) {
        return Ok(Tail::Lost);
    }
    file.seek(SeekFrom::Start(record.offset))?;
    let known = record.number;
    let mut chain = Chain::from_record(record);
    let (passed, stopped) = go_on(&mut chain, file, u64::MAX)?;
    record.offset += passed;
    chain.store_in(record);
    Ok(match stopped {
        Next::Torn => Tail::Torn(length.saturating_sub(record.offset)),
        Next::Forged if is_short(length - record.offset) && ends_in_zeros(&read_before(file, length)?) => {
            Tail::Torn(length.saturating_sub(record.offset))
        }
        Next::Forged => Tail::Forged,
        Next::Entry(..) | Next::End => Tail::Whole(record.number - known),
    })
}

/// Whether a tail is no longer than one entry. A crash never leaves more.
fn is_short(tail: u64) -> bool {
    tail <= MAX_FRAME as u64
}

/// Reads the last [`SEAL`] bytes before `place`.
fn read_before(file: &File, place: u64) -> io::Result<[u8; SEAL]> {
    let mut bytes = [0; SEAL];
    file.read_exact_at(&mut bytes, place.saturating_sub(SEAL as u64))?;
    Ok(bytes)
}
