//! Where the log ends: usually right where the key file says. All else is caught up with, or named as damage.

use super::files::{self, cannot_write};
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
    /// To be said in the next entry.
    pub note: Option<String>,
    /// To be said in an entry of its own, before.
    pub damage: Option<Entry>,
}

pub(super) enum Place {
    Continue(Box<Record>, File),
    Start(Previous),
}

/// What a new segment follows.
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
    /// As many entries, whose key was not overwritten before the program died.
    Whole(u64),
    /// An unfinished entry of this many bytes.
    Torn(u64),
    /// It ends before the place.
    Short,
    /// The entry before the place did not reach the disk.
    Lost,
    /// Something that is no entry of ours; left as it is.
    Forged,
}

/// What it takes to find the end.
pub(super) struct Finder<'a> {
    pub directory: &'a Path,
    pub signer: Option<&'a Signer<'a>>,
    /// Whether the entry's place will be an anchor: then the segment's header must be the user's own.
    pub anchored: bool,
    /// Whether there was a log here before.
    pub begun: bool,
    /// From this size on, in bytes, a segment is full.
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

    /// The key file tells how many entries are missing.
    fn shorter(&self, record: &Record, what: &str) -> Result<End> {
        if self.goes_on_after(record)? { self.damaged(what) } else { Ok(End::damage(Previous::of(record), what)) }
    }

    /// The log ends where the key file says; whether it goes on there or in a new segment.
    fn end_at(&self, record: Box<Record>, file: File) -> Result<End> {
        if self.asks_for_a_new_segment(&record)? {
            // A key that fits nowhere would be forgotten with the new segment, and with it that entries were cut off.
            return match self.proves(&record)? {
                Some(false) => self.damaged(NEVER_OF_THIS_LOG),
                _ => Ok(End::start(Previous::of(&record))),
            };
        }
        if self.anchored && !self.is_own_header(&record)? {
            let what = format!("segment {} has another header", record.segment);
            return Ok(End::damage(Previous::of(&record), &what));
        }
        Ok(End { place: Place::Continue(record, file), note: None, damage: None })
    }

    /// There are segments behind the one that the key file knows. Nothing is missing by that if the key file was one of
    /// this log; with any other, entries may have been cut off.
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

    /// Other readers, or a full segment. A roster older than the one that the segment was begun with, as in an older
    /// checkout, begins none: the numbers of the rosters never fall along the log.
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
        let own = |head: &ReadHeader| self.signer.is_some_and(|signer| head.is_of(signer.user, signer.roster));
        Ok(head.is_some_and(|head| head.hash == record.header && own(&head)))
    }

    /// Whether the key file's key is the one that its place in the log has; `None` if the segment is sealed to keys that
    /// are not held.
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

    /// The key file is of no use, and where the log ended can't be known.
    fn damaged(&self, what: &str) -> Result<End> {
        Ok(End::damage(self.last_entry()?, what))
    }

    /// Whoever has the identity finds the last good entry by reading.
    fn last_entry(&self) -> Result<Previous> {
        let Some(signer) = self.signer else {
            return Err(Error::failed("the log can't be continued without unlocking"));
        };
        let mut previous = Previous::none();
        let segments = files::list(self.directory)?;
        for segment in segments.iter().rev() {
            let path = files::path(self.directory, *segment);
            let Some((head, mut file)) = files::read_head_and_open(&path)? else { continue };
            // Anybody can encrypt to the user: what the user has not signed is not gone on from.
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
        // A segment that can't be read keeps its number: nothing is ever written over it.
        previous.segment = segments.last().copied().unwrap_or(0).max(previous.segment);
        Ok(previous)
    }
}

/// Goes on over authentic entries, up to that number at most; gives their length and what stopped it. They are read one at a
/// time: what somebody put there may be of any size.
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

/// Ratchets the record forward over the entries that already exist. Nothing is changed in the file.
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
    let mut chain = Chain::of(record);
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

/// No program leaves more than an entry.
fn is_short(tail: u64) -> bool {
    tail <= MAX_FRAME as u64
}

/// The bytes before a place, as many as a seal has.
fn read_before(file: &File, place: u64) -> io::Result<[u8; SEAL]> {
    let mut bytes = [0; SEAL];
    file.read_exact_at(&mut bytes, place.saturating_sub(SEAL as u64))?;
    Ok(bytes)
}
