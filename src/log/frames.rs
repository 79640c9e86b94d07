//! Reads the bytes of a segment one entry at a time, because a log may be larger than memory.

use super::files::{MAX_HEADER, MAX_SEGMENT};
use super::segment::{MAX_FRAME, ReadHeader, SEAL, ends_in_zeros};
use crate::error::{Error, Result};
use crate::fs;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek as _, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Where the bytes of a segment are. They can be read more than once.
#[derive(Clone)]
pub(super) enum Source {
    /// In a file, up to this length in bytes. Anything appended later is left out.
    File(PathBuf, u64),
    /// In the plaintext of an exported log, at this range of bytes.
    Exported(Plaintext, Range<u64>),
}

/// The decrypted content of an exported log.
#[derive(Clone)]
pub(super) struct Plaintext(pub Arc<Zeroizing<Vec<u8>>>);

impl AsRef<[u8]> for Plaintext {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Source {
    /// Reads the bytes from `offset` on.
    pub(super) fn read_from(&self, offset: u64) -> Result<Frames> {
        let (reader, path, length): (Box<dyn BufRead>, _, _) = match self {
            Self::File(path, length) => {
                let (file, length) = open(path, *length, offset)?;
                (Box::new(BufReader::new(file.take(length.saturating_sub(offset)))), path.clone(), length)
            }
            Self::Exported(plaintext, range) => {
                let mut cursor = Cursor::new(plaintext.clone());
                cursor.set_position(range.start + offset);
                let length = range.end - range.start;
                (Box::new(cursor.take(length.saturating_sub(offset))), PathBuf::new(), length)
            }
        };
        Ok(Frames { reader, path, offset, length, frame: Vec::new() })
    }

    /// Copies all bytes into `writer`. A read error wraps this crate's own ([`Error::io`]).
    pub(super) fn copy_into(&self, writer: &mut dyn Write) -> io::Result<()> {
        let mut frames = self.read_from(0).map_err(io::Error::other)?;
        loop {
            let piece = match frames.reader.fill_buf() {
                Ok([]) => return Ok(()),
                Ok(piece) => piece,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(io::Error::other(Error::io("read", &frames.path, &error))),
            };
            writer.write_all(piece)?;
            let length = piece.len();
            frames.reader.consume(length);
        }
    }
}

fn open(path: &Path, length: u64, offset: u64) -> Result<(File, u64)> {
    let (mut file, metadata) = fs::open_regular(path)?;
    let length = length.min(metadata.len());
    if length > MAX_SEGMENT as u64 {
        return Err(Error::integrity(format!("{} is larger than {} MiB", path.display(), MAX_SEGMENT >> 20)));
    }
    file.seek(SeekFrom::Start(offset)).map_err(|error| Error::io("read", path, &error))?;
    Ok((file, length))
}

/// A segment that is being read: the header first, then one entry after another.
pub(super) struct Frames {
    reader: Box<dyn BufRead>,
    path: PathBuf,
    /// Where the current entry begins.
    offset: u64,
    /// The length of the whole segment, in bytes.
    length: u64,
    frame: Vec<u8>,
}

/// The rest of a segment, from an entry that could not be read.
pub(super) struct Rest {
    /// In bytes.
    pub length: u64,
    /// See [`ends_in_zeros`].
    pub ends_in_zeros: bool,
}

impl Frames {
    /// Reads the segment's header; `None` if there is no complete one.
    pub(super) fn header(&mut self) -> Result<Option<ReadHeader>> {
        let mut line = Vec::new();
        let read = self.reader.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line);
        self.offset += read.map_err(|error| self.failed(&error))? as u64;
        Ok(ReadHeader::split(&line).map(|(head, _)| head))
    }

    /// Reads the bytes of the next entry, for [`super::segment::Chain::open`]. They are fewer if the segment ends within
    /// the entry, or if the bytes are not an entry.
    pub(super) fn read_next(&mut self) -> Result<&[u8]> {
        self.offset += self.frame.len() as u64;
        read_frame(&mut self.reader, &mut self.frame).map_err(|error| Error::io("read", &self.path, &error))?;
        Ok(&self.frame)
    }

    /// Measures the last read entry and everything after it.
    pub(super) fn rest(mut self) -> Result<Rest> {
        let mut end = self.frame.split_off(self.frame.len().saturating_sub(SEAL));
        let mut piece = [0; 4096];
        loop {
            match self.reader.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => end.extend(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(&error)),
            }
            end.drain(..end.len().saturating_sub(SEAL));
        }
        Ok(Rest { length: self.length.saturating_sub(self.offset), ends_in_zeros: ends_in_zeros(&end) })
    }

    /// Returns the offset of the next entry in the segment.
    pub(super) fn next_offset(&self) -> u64 {
        self.offset + self.frame.len() as u64
    }

    /// Returns the length of the segment, in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    fn failed(&self, error: &io::Error) -> Error {
        Error::io("read", &self.path, error)
    }
}

/// Reads the bytes of the next entry into `frame`, replacing its content. If the length is more than an entry can have,
/// reads only the length.
pub(super) fn read_frame(reader: &mut impl Read, frame: &mut Vec<u8>) -> io::Result<()> {
    frame.clear();
    reader.take(4).read_to_end(frame)?;
    if let Ok(length) = <[u8; 4]>::try_from(frame.as_slice()) {
        let length = u64::from(u32::from_be_bytes(length));
        if length <= MAX_FRAME as u64 {
            reader.take(length).read_to_end(frame)?;
        }
    }
    Ok(())
}
