//! Searches a text that is read in pieces.
//!
//! Each piece starts with the end of the previous one, so that a value across a border is in one of them whole, with
//! the text around it. The middle of the common part decides which of the two pieces reports a line.

use crate::search::{Found, Searcher};
use std::collections::HashSet;
use std::io::{self, Read};

/// How many bytes are searched at once.
const PIECE: usize = 256 * 1024;

/// Searches one text after the other, in memory that does not grow with the texts.
pub struct Stream<'a> {
    searcher: &'a Searcher,
    text: Vec<u8>,
    piece: usize,
    /// How many bytes of the previous piece a piece starts with.
    overlap: usize,
}

impl<'a> Stream<'a> {
    /// Prepares to search for these values.
    #[must_use]
    pub fn new(searcher: &'a Searcher) -> Self {
        Self::in_pieces_of(PIECE, searcher)
    }

    fn in_pieces_of(piece: usize, searcher: &'a Searcher) -> Self {
        // A value has to fit between the deciding place and the end of a piece.
        let overlap = 2 * searcher.longest();
        Self { searcher, text: Vec::new(), piece: piece.max(2 * overlap), overlap }
    }

    /// Reports where a text contains the values: each value once per line, like [`Searcher::search`] on the whole text.
    ///
    /// # Errors
    /// If the text can't be read to its end; what was found before that was reported.
    pub fn search(&mut self, text: &mut dyn Read, each: &mut dyn FnMut(Found)) -> io::Result<()> {
        self.text.clear();
        // The number of the line that the piece starts in, the first line that it reports, and the values already
        // reported there.
        let (mut begins, mut first, mut known) = (1, 1, HashSet::new());
        loop {
            let wanted = self.piece - self.text.len();
            let read = text.take(wanted as u64).read_to_end(&mut self.text);
            let is_end = read.as_ref().map_or(true, |read| *read < wanted);
            let lines = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count();
            let done = if is_end { 0 } else { self.text.len() - self.overlap };
            let next = begins + lines(&self.text[..done]);
            let common = &self.text[done..];
            let last = if is_end { usize::MAX } else { next + lines(&common[..common.len() - self.overlap / 2]) };
            let mut reported = HashSet::new();
            for found in self.searcher.search(&self.text) {
                let found = Found { line: begins + found.line - 1, ..found };
                if !(first..=last).contains(&found.line) || (found.line == first && known.contains(&found.value)) {
                    continue;
                }
                if found.line == last {
                    reported.insert(found.value);
                }
                each(found);
            }
            if is_end {
                return read.map(drop);
            }
            if first == last {
                reported.extend(&known);
            }
            (begins, first, known) = (next, last, reported);
            self.text.drain(..done);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::IN_FILES;
    use proptest::prelude::*;

    /// Returns at most this many bytes at once, as a pipe does, and is interrupted occasionally.
    struct Pipe<'a>(&'a [u8], usize, bool);

    impl Read for Pipe<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.2 = !self.2;
            if self.2 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let length = self.1.min(buffer.len());
            self.0.read(&mut buffer[..length])
        }
    }

    fn found(searcher: &Searcher, text: &[u8], piece: usize, at_once: usize) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let each = &mut |one: Found| found.push((one.line, one.value));
        Stream::in_pieces_of(piece, searcher).search(&mut Pipe(text, at_once, false), each).unwrap();
        found.sort_unstable();
        found
    }

    #[test]
    fn findings_before_an_error_are_returned() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::Other.into())
            }
        }
        let searcher = Searcher::new([&b"hunter2-hunter2"[..]], IN_FILES);
        let mut lines = Vec::new();
        let mut text = (&b"\nhunter2-hunter2"[..]).chain(Broken);
        Stream::new(&searcher).search(&mut text, &mut |found| lines.push(found.line)).unwrap_err();
        assert_eq!(lines, [2]);
    }

    const PARTS: [&[u8]; 8] = [
        b"\n",
        b"x",
        b"hunter2-hunter2",
        b"first\nsecond line of it",
        b"aHVudGVyMi1odW50ZXIy",
        &[b' '; 1_000],
        b"\n00000000: 6875 6e74 6572 322d 6875 6e74 6572 320a  hunter2-hunter2.\n",
        b"68:75:6e:74:65:72:32:\n  2d:68:75:6e:74:65:72:32",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn pieces_make_no_difference(
            parts in proptest::collection::vec(0..PARTS.len(), 0..600),
            piece in 1_usize..150_000,
            at_once in 1_usize..5_000,
        ) {
            let searcher = Searcher::new([&b"hunter2-hunter2"[..], b"first\nsecond line of it"], IN_FILES);
            let text = parts.into_iter().map(|part| PARTS[part]).collect::<Vec<_>>().concat();
            let mut whole: Vec<_> = searcher.search(&text).iter().map(|found| (found.line, found.value)).collect();
            whole.sort_unstable();
            prop_assert_eq!(found(&searcher, &text, piece, at_once), whole);
        }
    }
}
