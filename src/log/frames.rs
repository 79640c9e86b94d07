//! The bytes of a segment, an entry at a time: a log may be longer than there is memory.

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

/// Where the bytes of a segment are, so that they can be read more than once.
#[derive(Clone)]
pub(super) enum Source {
    /// In its file, up to this length: what others append meanwhile is left out.
    File(PathBuf, u64),
    /// In an exported log.
    Exported(Plaintext, Range<u64>),
}

/// What an exported log decrypted to.
#[derive(Clone)]
pub(super) struct Plaintext(pub Arc<Zeroizing<Vec<u8>>>);

impl AsRef<[u8]> for Plaintext {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Source {
    /// The bytes from this one on, counted from 0.
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

    /// Writes all of its bytes, as they are. An error of reading them is one of ours ([`Error::io`]).
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

/// A segment that is being read: its header first, then entry after entry.
pub(super) struct Frames {
    reader: Box<dyn BufRead>,
    path: PathBuf,
    /// Where the next entry begins.
    offset: u64,
    /// Of all of the segment, in bytes.
    length: u64,
    frame: Vec<u8>,
}

/// What is left of a segment from an entry on that could not be read.
pub(super) struct Rest {
    /// In bytes.
    pub length: u64,
    /// See [`ends_in_zeros`].
    pub ends_in_zeros: bool,
}

impl Frames {
    /// The segment's header; `None` if there is none that is whole.
    pub(super) fn header(&mut self) -> Result<Option<ReadHeader>> {
        let mut line = Vec::new();
        let read = self.reader.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line);
        self.offset += read.map_err(|error| self.failed(&error))? as u64;
        Ok(ReadHeader::split(&line).map(|(head, _)| head))
    }

    /// The bytes of the next entry, for [`super::segment::Chain::open`]: fewer where it ends too early or is none.
    pub(super) fn read_next(&mut self) -> Result<&[u8]> {
        self.offset += self.frame.len() as u64;
        read_frame(&mut self.reader, &mut self.frame).map_err(|error| Error::io("read", &self.path, &error))?;
        Ok(&self.frame)
    }

    /// The entry that was read last, and everything behind it.
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

    /// Where the next entry begins, counted from the start of the segment.
    pub(super) fn next_offset(&self) -> u64 {
        self.offset + self.frame.len() as u64
    }

    /// How long the segment is, in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    fn failed(&self, error: &io::Error) -> Error {
        Error::io("read", &self.path, error)
    }
}

/// Reads the bytes of the next entry in the place of what `frame` held. Of what is longer than an entry can be, only the
/// length is read.
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
