//! Searching text for many values at once, at the speed of memory.
//!
//! Samples of [`GRAM`] bytes are taken of a text, so close together that one lies wholly inside of even the shortest form
//! of a value. The samples that can occur are known: a small table of bits sorts out nearly all of the text, and what is
//! left is compared. A number per process keys the table, so that who writes a text can't choose one that is slow.

use crate::encodings::{self, Encoding, forms};
use crate::secret::SecretBytes;
use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::ops::Range;
use zeroize::Zeroizing;

/// What is too short to be looked for, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Shorter values, and shorter forms of values, stand everywhere. At least [`encodings::SHORTEST`].
    pub value: usize,
    /// A line of a longer value is looked for by itself from this length on: shorter ones are often shared.
    pub line: usize,
}

/// In files, where whoever is told of a value has to look.
pub const IN_FILES: Limits = Limits { value: 6, line: 16 };
/// In what a program prints, where too much is hidden rather than too little.
pub const IN_OUTPUT: Limits = Limits { value: encodings::SHORTEST, line: encodings::SHORTEST };

const GRAM: usize = 4;
/// Samples further apart than this gain nothing, and each place in a form that one can begin at is kept.
const LONGEST_STEP: usize = 3;
/// The number of bits of a table's index: 128 KiB, which a processor keeps at hand.
const TABLE_BITS: u32 = 20;

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

struct Pattern {
    bytes: SecretBytes,
    value: usize,
    encoding: Encoding,
}

/// Searches for a set of values.
pub struct Searcher {
    patterns: Vec<Pattern>,
    /// One bit for each sample that can occur, by its hash.
    table: Zeroizing<Vec<u64>>,
    /// Which pattern a sample can be of, and how far into it.
    samples: HashMap<u32, Vec<(u32, u8)>>,
    /// How far apart the samples are.
    step: usize,
    factor: u32,
}

impl Searcher {
    /// Searches for all forms of these values that are long enough.
    #[must_use]
    pub fn new<'a>(values: impl IntoIterator<Item = &'a [u8]>, limits: Limits) -> Self {
        let long = |bytes: &[u8]| bytes.len() >= limits.value;
        let mut patterns = Vec::new();
        for (value, bytes) in values.into_iter().enumerate().filter(|(_, bytes)| long(bytes)) {
            for form in forms(bytes).into_iter().filter(|form| long(&form.bytes)) {
                let is_line = form.encoding == Encoding::Line;
                if !is_line || (form.bytes.len() >= limits.line && !form.bytes.starts_with(b"-----")) {
                    patterns.push(Pattern { bytes: form.bytes, value, encoding: form.encoding });
                }
            }
        }
        let shortest = patterns.iter().map(|pattern| pattern.bytes.len()).min().unwrap_or(limits.value);
        let random = std::collections::hash_map::RandomState::new().hash_one(0);
        let mut searcher = Self {
            patterns,
            table: Zeroizing::new(vec![0; 1 << (TABLE_BITS - 6)]),
            samples: HashMap::new(),
            step: (shortest + 1).saturating_sub(GRAM).clamp(1, LONGEST_STEP),
            factor: u32::try_from(random >> 32).unwrap_or_default() | 1,
        };
        searcher.index();
        searcher
    }

    fn index(&mut self) {
        for (index, pattern) in (0_u32..).zip(&self.patterns) {
            for (offset, sample) in (0_u8..).zip(pattern.bytes.windows(GRAM)).take(self.step) {
                let sample = gram(sample);
                let (word, bit) = self.place(sample);
                self.table[word] |= bit;
                self.samples.entry(sample).or_default().push((index, offset));
            }
        }
    }

    fn place(&self, sample: u32) -> (usize, u64) {
        let hash = sample.wrapping_mul(self.factor) >> (32 - TABLE_BITS);
        ((hash >> 6) as usize, 1 << (hash & 63))
    }

    /// Where the values stand in a text: each value once a line, in the order of lines.
    #[must_use]
    pub fn search(&self, text: &[u8]) -> Vec<Found> {
        self.by_line(text, self.hits(text))
    }

    /// The pieces of a text that are values, in the order of their beginnings; they may overlap.
    #[must_use]
    pub fn spans(&self, text: &[u8]) -> Vec<Range<usize>> {
        let end = |start: usize, pattern: usize| start + self.patterns[pattern].bytes.len();
        let mut spans: Vec<_> =
            self.hits(text).into_iter().map(|(start, pattern)| start..end(start, pattern)).collect();
        spans.sort_unstable_by_key(|span| span.start);
        spans
    }

    /// Where the longest end of the text begins that a value may begin with; the text's length if there is none.
    #[must_use]
    pub fn unfinished(&self, text: &[u8]) -> usize {
        let first = (text.len() + 1).saturating_sub(self.longest());
        (first..text.len()).find(|start| self.may_begin(&text[*start..])).unwrap_or(text.len())
    }

    fn may_begin(&self, end: &[u8]) -> bool {
        let begins = |pattern: &Pattern| pattern.bytes.len() > end.len() && pattern.bytes.starts_with(end);
        if end.len() < GRAM {
            return self.patterns.iter().any(begins);
        }
        let sample = gram(end);
        let (word, bit) = self.place(sample);
        self.table[word] & bit != 0
            && self.samples.get(&sample).into_iter().flatten().any(|(index, _)| begins(&self.patterns[*index as usize]))
    }

    /// The length of the longest form, in bytes.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.patterns.iter().map(|pattern| pattern.bytes.len()).max().unwrap_or_default()
    }

    /// Where which pattern begins.
    fn hits(&self, text: &[u8]) -> Vec<(usize, usize)> {
        let mut hits = Vec::new();
        for (number, sample) in text.windows(GRAM).step_by(self.step).enumerate() {
            let (at, sample) = (number * self.step, gram(sample));
            let (word, bit) = self.place(sample);
            if self.table[word] & bit != 0 {
                self.compare(text, at, sample, &mut hits);
            }
        }
        hits
    }

    fn compare(&self, text: &[u8], at: usize, sample: u32, hits: &mut Vec<(usize, usize)>) {
        for (index, offset) in self.samples.get(&sample).into_iter().flatten() {
            let pattern = *index as usize;
            let start = at.checked_sub(usize::from(*offset));
            if let Some(start) = start.filter(|start| text[*start..].starts_with(&self.patterns[pattern].bytes)) {
                hits.push((start, pattern));
            }
        }
    }

    fn by_line(&self, text: &[u8], mut hits: Vec<(usize, usize)>) -> Vec<Found> {
        // At one place the first form counts, which is the plainest.
        hits.sort_unstable();
        let (mut line, mut counted) = (1, 0);
        let mut found: Vec<Found> = Vec::new();
        for (start, pattern) in hits {
            line += memchr::memchr_iter(b'\n', &text[counted..start]).count();
            counted = start;
            let Pattern { value, encoding, .. } = self.patterns[pattern];
            let known = found.iter().rev().take_while(|known| known.line == line).any(|known| known.value == value);
            if !known {
                found.push(Found { line, value, encoding });
            }
        }
        found
    }
}

fn gram(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
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
            let searcher = Searcher::new([&value[..]], IN_FILES);
            let text = [before, value, behind].concat();
            prop_assert!(!searcher.search(&text).is_empty());
            let encoded = base64::prelude::BASE64_STANDARD.encode(&text);
            prop_assert!(!searcher.search(encoded.as_bytes()).is_empty());
        }
    }
}
