//! Reads the header of a binary age file.

use age_core::format::{FileKey, Stanza};
use std::cell::RefCell;
use std::io::{self, BufRead, Read};

/// Returns the stanza at this place in the header of a binary age file, if there is one.
pub(crate) fn stanza_at(bytes: &[u8], place: usize) -> Option<Stanza> {
    let looking = Looking { place, found: RefCell::default() };
    let decryptor = age::Decryptor::new_buffered(WholeHeader(bytes)).ok()?;
    let _ = decryptor.decrypt(std::iter::once(&looking as _));
    looking.found.into_inner()
}

/// An identity that opens nothing, and copies the stanza at its place.
struct Looking {
    place: usize,
    found: RefCell<Option<Stanza>>,
}

impl age::Identity for Looking {
    fn unwrap_stanza(&self, _: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        None
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, age::DecryptError>> {
        let copy =
            |Stanza { tag, args, body }: &Stanza| Stanza { tag: tag.clone(), args: args.clone(), body: body.clone() };
        self.found.replace(stanzas.get(self.place).map(copy));
        None
    }
}

/// An age file that returns its whole header when the crate reads a line. The crate parses everything read so far after
/// each line, which takes quadratic time in the number of recipients.
pub(super) struct WholeHeader<'a>(pub(super) &'a [u8]);

impl Read for WholeHeader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl BufRead for WholeHeader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.0)
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }

    fn read_until(&mut self, byte: u8, line: &mut Vec<u8>) -> io::Result<usize> {
        let before = line.len();
        loop {
            let start = line.len();
            // The line with the MAC is the last one (age-encryption.org/v1, "Header MAC").
            if self.0.read_until(byte, line)? == 0 || line[start..].starts_with(b"--- ") {
                return Ok(line.len() - before);
            }
        }
    }
}
