//! Searching text for many values at once, however a program has printed them.
//!
//! Values and text are decoded alike (see `decode`), so quotes, escapes, line breaks and indentation make no difference.
//! What is then looked up are pieces of fixed lengths (see `index`), so the time doesn't depend on the values. What is
//! found is looked at once more: quotes may stand anywhere, but spaces and line breaks only where the value has some, or
//! in a piece too long to be there by chance.

mod decode;
mod escape;
mod hits;
mod index;
mod reader;
mod samples;
mod windows;

use crate::encodings::{self, Encoding};
use hits::Hit;
use reader::Reader;
pub use reader::Scratch;
use std::ops::Range;
use std::sync::Mutex;
use windows::Indexes;

/// What is too short to be looked for, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Shorter values stand everywhere. At least [`encodings::SHORTEST`].
    pub value: usize,
    /// A part of a longer value is looked for by itself from this length on: shorter ones are often shared.
    pub part: usize,
    /// Whether pieces of a value count: of 8 characters of a key or token, of 32 of any other value. Otherwise a value
    /// or part has to be there whole, or 64 characters of it.
    pub pieces: bool,
}

/// In files, where whoever is told of a value has to look.
pub const IN_FILES: Limits = Limits { value: 6, part: 16, pieces: false };
/// In what a program prints, where too much is hidden rather than too little.
pub const IN_OUTPUT: Limits = Limits { value: encodings::SHORTEST, part: crate::parts::SHORTEST, pieces: true };

/// So many characters of a longer value are enough where only whole ones count.
const RUN: usize = 64;
/// Text is gone through in pieces of this size, which overlap by what a value can take.
const PIECE: usize = 512 * 1024;
const OVERLAP: usize = 16 * 1024;

/// A place where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The line, from 1.
    pub line: usize,
    /// Which of the values, as they were given.
    pub value: usize,
    /// How it is written there.
    pub encoding: Encoding,
}

/// A piece of a text that is of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Where it stands.
    pub range: Range<usize>,
    /// Which of the values, as they were given.
    pub value: usize,
    /// Whether other values have the same piece.
    pub is_shared: bool,
}

/// What stands in a text of which more may follow.
#[derive(Debug, Default)]
pub struct Look {
    /// The pieces that are of values, in the order of their beginnings; they may overlap.
    pub spans: Vec<Span>,
    /// Where the longest end of the text begins that a value may begin with; the text's length if there is none.
    pub unfinished: usize,
}

/// Searches for a set of values.
pub struct Searcher {
    indexes: Indexes,
    /// For each value that is looked for the ones that are equal to it.
    equal: Vec<Vec<usize>>,
    scratch: Mutex<Scratch>,
}

impl Searcher {
    /// Searches for all forms of these values that are long enough.
    #[must_use]
    pub fn new<'a>(values: impl IntoIterator<Item = &'a [u8]>, limits: Limits) -> Self {
        let mut indexes = Indexes::new(limits);
        let mut equal: Vec<Vec<usize>> = Vec::new();
        let mut known: std::collections::HashMap<&[u8], usize> = std::collections::HashMap::new();
        for (value, bytes) in values.into_iter().enumerate().filter(|(_, bytes)| bytes.len() >= limits.value) {
            let next = equal.len();
            let group = *known.entry(bytes).or_insert(next);
            if group == next {
                indexes.add(group, bytes);
                equal.push(Vec::new());
            }
            equal[group].push(value);
        }
        indexes.build();
        Self { indexes, equal, scratch: Mutex::default() }
    }

    /// So many bytes of a text are enough to find what begins with the first of them; for whoever reads it in pieces.
    #[must_use]
    pub fn longest(&self) -> usize {
        OVERLAP
    }

    /// Where the values stand in a text: each value once a line, in the order of lines.
    #[must_use]
    pub fn search(&self, text: &[u8]) -> Vec<Found> {
        let mut places: Vec<(usize, usize, Encoding)> = Vec::new();
        let mut from = 0;
        // Of two who search at once, one does without.
        let mut kept = self.scratch.try_lock();
        let mut own = Scratch::default();
        let scratch = kept.as_deref_mut().unwrap_or(&mut own);
        loop {
            let piece = &text[from..text.len().min(from + PIECE)];
            let hits = hits::hits(&self.indexes, piece, &Reader::new(piece, true, scratch), true);
            for run in hits::runs(hits) {
                let encoding = self.encoding(&run, piece);
                let group = run.found.window.owner.value as usize;
                places.extend(self.equal[group].iter().map(|value| (from + run.start, *value, encoding)));
            }
            if from + piece.len() == text.len() {
                break;
            }
            from += PIECE - OVERLAP;
        }
        by_line(text, places)
    }

    /// What stands in a text: all of it, or of which more may follow.
    #[must_use]
    pub fn look(&self, text: &[u8], is_end: bool, scratch: &mut Scratch) -> Look {
        let reader = Reader::new(text, is_end, scratch);
        let mut spans: Vec<Span> = Vec::new();
        for hit in hits::hits(&self.indexes, text, &reader, is_end) {
            let window = hit.found.window;
            let group = window.owner.value as usize;
            let span = Span { range: hit.start..hit.end, value: self.equal[group][0], is_shared: window.is_shared };
            spans.push(span);
        }
        spans.sort_unstable_by_key(|span| span.range.start);
        let unfinished = if is_end { text.len() } else { hits::unfinished(&self.indexes, text, &reader) };
        Look { spans, unfinished }
    }

    /// How a value is written that was found.
    fn encoding(&self, hit: &Hit, text: &[u8]) -> Encoding {
        let encoding = hit.found.window.owner.encoding;
        if !matches!(encoding, Encoding::Plain | Encoding::Part) || hit.is_plain {
            return encoding;
        }
        let text = &text[hit.start..hit.end];
        let own = self.indexes.decoded.whole(&hit.found.window);
        match text.iter().find(|byte| b"\\%&".contains(byte) && !own.contains(byte)) {
            Some(b'%') => Encoding::Url,
            Some(b'&') => Encoding::Html,
            Some(_) => Encoding::Escaped,
            None => encoding,
        }
    }
}

/// Whether a byte tells something of a value: quotes, backslashes and white space may stand around any.
#[must_use]
pub fn is_telling(byte: u8) -> bool {
    decode::is_kept(byte) || b"%&".contains(&byte)
}

/// Each value once a line.
fn by_line(text: &[u8], mut places: Vec<(usize, usize, Encoding)>) -> Vec<Found> {
    // At one place the first form counts, which is the plainest.
    places.sort_unstable_by_key(|(start, value, encoding)| (*start, *value, *encoding));
    let (mut line, mut counted) = (1, 0);
    let mut found: Vec<Found> = Vec::new();
    for (start, value, encoding) in places {
        line += memchr::memchr_iter(b'\n', &text[counted..start]).count();
        counted = start;
        let known = found.iter().rev().take_while(|known| known.line == line).any(|known| known.value == value);
        if !known {
            found.push(Found { line, value, encoding });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use proptest::prelude::*;

    #[test]
    fn values_are_found_by_line_in_all_their_forms() {
        let searcher = Searcher::new([&b"hunter2-hunter2"[..], b"a b/c d&e", b"short"], IN_FILES);
        let text = b"x\nkey=hunter2-hunter2 hunter2-hunter2\na%20b%2Fc%20d%26e short\naHVudGVyMi1odW50ZXIy";
        let found: Vec<_> =
            searcher.search(text).iter().map(|found| (found.line, found.value, found.encoding)).collect();
        assert_eq!(found, [(2, 0, Encoding::Plain), (3, 1, Encoding::Url), (4, 0, Encoding::Base64)]);
    }

    proptest! {
        #[test]
        fn a_value_is_found_wherever_it_stands(
            before in proptest::collection::vec(any::<u8>(), 0..20),
            value in proptest::collection::vec(any::<u8>(), IN_FILES.value..40),
            behind in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let text = [before, value.clone(), behind].concat();
            for limits in [IN_FILES, IN_OUTPUT] {
                let searcher = Searcher::new([&value[..]], limits);
                prop_assert!(!searcher.search(&text).is_empty());
                let encoded = base64::prelude::BASE64_STANDARD.encode(&text);
                prop_assert!(!searcher.search(encoded.as_bytes()).is_empty());
            }
        }

        #[test]
        fn plain_values_are_found_exactly_where_another_search_finds_them(
            // Of one length, and that of a window: no value is the beginning of another, nor there by its pieces.
            values in prop::sample::select(&[6, 8, 10, 12, 16, 24, 32][..])
                .prop_flat_map(|length| proptest::collection::vec(proptest::collection::vec(b'a'..=b'b', length), 1..5)),
            pieces in proptest::collection::vec(("[ab.]{0,40}", any::<prop::sample::Index>(), any::<bool>()), 0..20),
        ) {
            let piece = |(filler, index, is_value): &(String, prop::sample::Index, bool)| {
                [filler.as_bytes(), if *is_value { &values[index.index(values.len())] } else { b".\n" }].concat()
            };
            let text: Vec<u8> = pieces.iter().flat_map(piece).collect();
            let oracle = aho_corasick::AhoCorasick::new(&values).unwrap();
            let line = |at: usize| 1 + text[..at].iter().filter(|byte| **byte == b'\n').count();
            let expected: std::collections::BTreeSet<_> = oracle
                .find_overlapping_iter(&text)
                .map(|found| (line(found.start()), found.pattern().as_usize()))
                .collect();
            let searcher = Searcher::new(values.iter().map(Vec::as_slice), IN_FILES);
            let found: std::collections::BTreeSet<_> =
                searcher.search(&text).iter().map(|found| (found.line, found.value)).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn a_value_among_escapes_is_found_wherever_it_stands(
            before in proptest::collection::vec(prop::sample::select(&b"\\%&#x;un41a\"'$ \n"[..]), 0..9),
            value in proptest::collection::vec(prop::sample::select(&b"\\%&#x;un41abcdefgh\"'$ \n"[..]), IN_FILES.value..14),
            behind in proptest::collection::vec(prop::sample::select(&b"\\%&#x;un41a\"'$ \n"[..]), 0..9),
        ) {
            let text = [before, value.clone(), behind].concat();
            for limits in [IN_FILES, IN_OUTPUT] {
                let searcher = Searcher::new([&value[..]], limits);
                prop_assert!(!searcher.search(&text).is_empty());
            }
        }
    }
}
