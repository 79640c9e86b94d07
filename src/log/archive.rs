//! Keeps the log small: moves whole old segments into a sealed file, and records that in a signed statement in the log.
//!
//! Somebody who takes over the machine has the key of the next entry, and could write an entry that says the past was
//! archived. So the entry carries a statement that the user signed (`vault/log-archive/v1`); neither the key file nor an
//! agent is enough to make one. Without the statement, segments missing at the beginning count as cut off.

use super::append::Writer;
use super::export::{self, Form, Unsealed};
use super::key::{Stored, load_key_file};
use super::reading::{Extent, Part, Reading, Remembered};
use super::segment_end::SegmentEnd;
use super::signer::Signer;
use super::statement::Statement;
use super::{Entry, MAX_EXPORT, Opener, files};
use crate::error::{Error, Reason, Remedy, Result, SystemStep};
use crate::fs;
use crate::identity::PrivateKeys;
use crate::roster::Roster;
use crate::signature::Hash;
use crate::time::Time;
use std::fs::File;
use std::io;
use std::path::Path;

/// The maximum size of an archive's segments together, in bytes. A single segment always fits. The limit exists because
/// an archive is read back as a whole.
pub const MAX_ARCHIVE: u64 = 256 * 1024 * 1024;

/// Sealed copies of the oldest segments, which are not yet removed from the log.
#[derive(Debug)]
pub struct Archive {
    /// The armored age file.
    sealed: Vec<u8>,
    follows: SegmentEnd,
    end: SegmentEnd,
    left: u64,
}

impl Archive {
    /// Returns the number of the archive's first entry.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.follows.number + 1
    }

    /// Returns the number of the archive's last entry.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.end.number
    }

    /// Returns the number of entries in the archive.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.end.number - self.follows.number
    }

    /// Returns the number of segments in the archive.
    #[must_use]
    pub fn segments(&self) -> u32 {
        self.end.segment - self.follows.segment
    }

    /// Returns the number of entries that are old enough, but whose segments didn't fit.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.left
    }
}

/// What is needed to read an archive back.
pub(crate) struct ReadBack<'a> {
    /// Decrypts with the user's keys.
    pub open: &'a Opener<'a>,
    /// The anchors in the vault that refer to the log.
    pub anchors: &'a [Remembered],
}

impl Writer {
    /// Seals the oldest segments of this log whose entries are all older than `before`, up to `most` bytes. `reading` is
    /// the result of verifying the log. Returns `None` if there are no such segments. The current segment is never
    /// archived.
    ///
    /// # Errors
    /// An integrity error if anything is wrong with the log; a failure if these keys can't read the oldest segment.
    pub(crate) fn seal_archive(
        &self,
        reading: &Reading,
        (before, most): (Time, u64),
        signer: &Signer<'_>,
        keys: &PrivateKeys,
    ) -> Result<Option<Archive>> {
        if let Some(problem) = &reading.problem {
            return Err(Error::new(
                Reason::LogChanged,
                format!("entry {} of the log: {}", problem.entry, problem.what),
            )
            .hint(("a damaged log is not archived; ", Remedy::VerifyLog, " says more")));
        }
        let Stored::Record(record) = load_key_file(self.directory())? else { return Ok(None) };
        let old = old_segments(&reading.parts, record.segment, before)?;
        let chosen = as_many_as_fit(old, most.min(MAX_ARCHIVE));
        let Some(end) = chosen.last().and_then(|part| part.end) else { return Ok(None) };
        self.refuse_an_older_roster(signer)?;
        let lengths: Vec<(u32, u64)> = chosen.iter().map(|part| (part.segment, part.length)).collect();
        let unsealed = Unsealed::sign(self.directory(), &lengths, signer, keys, Form::Archive)?;
        let sealed = unsealed.seal_into(signer, Vec::new());
        let sealed = sealed.map_err(|error| Error::io("read", self.directory(), &error))?;
        let follows = reading.follows.unwrap_or_default();
        let last = old.last().and_then(|part| part.end).unwrap_or(end);
        Ok(Some(Archive { sealed, follows, end, left: last.number.saturating_sub(end.number) }))
    }

    /// Moves the sealed segments into a new file: writes the file, waits for the disk, reads it back, logs the statement,
    /// and only then removes the segments. An interruption at any point leaves the segments, the archive, or both.
    ///
    /// # Errors
    /// If the file already exists or can't be written; an integrity error if reading it back gives something else.
    pub(crate) fn move_into(
        &self,
        path: &Path,
        archive: &Archive,
        mut entry: Entry,
        signer: &Signer<'_>,
        keys: &PrivateKeys,
        back: &ReadBack<'_>,
    ) -> Result<()> {
        fs::write_new(path, &archive.sealed)?;
        let file = archive.read_back(path, signer.roster, back)?;
        entry.archive = Some(Box::new(Statement::sign(archive.end, file, signer.user, signer.roster, keys)));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        entry.note = Some(format!("entries {} to {} in {name}", archive.first(), archive.last()));
        let key_file = self.lock()?;
        self.refuse_an_older_roster(signer)?;
        // The statement must be on disk before a segment is removed. Otherwise the segments would count as cut off.
        let place = self.append_locked(&key_file, vec![entry], Some(signer), true)?;
        if place.segment <= archive.end.segment {
            return Err(Error::new(Reason::LogChanged, "an older log replaced this one while it was being archived"));
        }
        self.remove_segments(archive.follows.segment + 1, archive.end.segment)
    }

    /// Removes segments, oldest first, so that the segments left after a crash are still contiguous.
    fn remove_segments(&self, first: u32, last: u32) -> Result<()> {
        for segment in first..=last {
            let path = files::path(self.directory(), segment);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", &path, &error));
                }
                _ => {}
            }
        }
        let flushed = File::open(self.directory()).and_then(|directory| directory.sync_all());
        flushed.map_err(|error| Error::io("write", self.directory(), &error))
    }

    /// Refuses to sign with a roster older than that of the current segment. Such a statement would count for nothing,
    /// because somebody with replaced keys could have made it.
    fn refuse_an_older_roster(&self, signer: &Signer<'_>) -> Result<()> {
        let Stored::Record(record) = load_key_file(self.directory())? else { return Ok(()) };
        let head = files::read_head(&files::path(self.directory(), record.segment))?;
        if head.is_some_and(|head| head.header.roster > signer.roster.head().version) {
            return Err(Error::failed("the log was written with a newer vault file than this one")
                .hint(("get the newest file: ", SystemStep::Pull)));
        }
        Ok(())
    }
}

impl Archive {
    /// Reads the written file just as somebody will who opens it later, and returns its hash.
    fn read_back(&self, path: &Path, roster: &Roster, back: &ReadBack<'_>) -> Result<Hash> {
        let (bytes, _) = fs::read(path, MAX_EXPORT)?;
        let differs = || {
            Error::integrity(format!("{} does not contain what was written to it", path.display()))
                .hint(("the log stays as it was; to a file on another disk: ", Remedy::WriteTo))
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| differs())?;
        let reading = export::open(text, roster, back.open, back.anchors, Extent::Checked)?.reading;
        if let Some(problem) = &reading.problem {
            return Err(Error::new(
                Reason::LogChanged,
                format!("entry {} of the archive: {}", problem.entry, problem.what),
            ));
        }
        let end = reading.parts.last().and_then(|part| part.end);
        let is_whole = end == Some(self.end) && reading.follows.unwrap_or_default() == self.follows;
        if is_whole && bytes == self.sealed { Ok(Hash::of(&bytes)) } else { Err(differs()) }
    }
}

/// Returns the oldest segments, except the current one, whose entries are all older than `before`.
fn old_segments(parts: &[Part], current: u32, before: Time) -> Result<&[Part]> {
    let is_old = |part: &&Part| part.segment < current && part.latest.is_none_or(|latest| latest < before);
    let is_read = |part: &&Part| part.end.is_some();
    let count = parts.iter().take_while(is_old).take_while(is_read).count();
    match parts.first() {
        Some(part) if part.end.is_none() && part.segment < current => {
            Err(Error::failed(format!("segment {} of the log can't be read or verified with these keys", part.segment))
                .hint("segments are archived oldest first: use keys that can read this one"))
        }
        _ => Ok(&parts[..count]),
    }
}

fn as_many_as_fit(parts: &[Part], most: u64) -> &[Part] {
    let mut size = 0;
    let fits = |part: &&Part| {
        size += part.length;
        size <= most
    };
    let count = parts.iter().take_while(fits).count();
    &parts[..count.max(1).min(parts.len())]
}
