//! Searching text for many values at once, at the speed of memory.
//!
//! Every form of a value is at least [`SHORTEST`] bytes long, so that a sample of [`GRAM`] bytes taken at every
//! [`STEP`]th place of a text lies wholly inside of it. The samples that can occur are known: a small table of bits sorts
//! out nearly all of the text, and what is left is compared. A number per process keys the table, so that who writes a
//! text can't choose one that is slow.

use crate::encodings::{Encoding, forms};
use crate::secret::SecretBytes;
use std::collections::HashMap;
use std::hash::BuildHasher as _;
use zeroize::Zeroizing;

/// Shorter values are not looked for: they stand everywhere.
pub const SHORTEST: usize = 6;
/// A line of a longer value is looked for by itself from this length on: shorter ones are often shared, as `}` is.
const SHORTEST_LINE: usize = 16;
const GRAM: usize = 4;
const STEP: usize = SHORTEST - GRAM + 1;
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
    factor: u32,
}

impl Searcher {
    /// Searches for all forms of these values that are long enough.
    #[must_use]
    pub fn new<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let random = std::collections::hash_map::RandomState::new().hash_one(0);
        let factor = u32::try_from(random >> 32).unwrap_or_default() | 1;
        let table = Zeroizing::new(vec![0; 1 << (TABLE_BITS - 6)]);
        let mut searcher = Self { patterns: Vec::new(), table, samples: HashMap::new(), factor };
        for (value, bytes) in values.into_iter().enumerate().filter(|(_, bytes)| bytes.len() >= SHORTEST) {
            for form in forms(bytes) {
                searcher.add(form.bytes, value, form.encoding);
            }
        }
        searcher
    }

    fn add(&mut self, bytes: SecretBytes, value: usize, encoding: Encoding) {
        let shared = encoding == Encoding::Line && (bytes.len() < SHORTEST_LINE || bytes.starts_with(b"-----"));
        let (Ok(index), false) = (u32::try_from(self.patterns.len()), shared || bytes.len() < SHORTEST) else { return };
        for (offset, sample) in (0_u8..).zip(bytes.windows(GRAM)).take(STEP) {
            let sample = gram(sample);
            let (word, bit) = self.place(sample);
            self.table[word] |= bit;
            self.samples.entry(sample).or_default().push((index, offset));
        }
        self.patterns.push(Pattern { bytes, value, encoding });
    }

    fn place(&self, sample: u32) -> (usize, u64) {
        let hash = sample.wrapping_mul(self.factor) >> (32 - TABLE_BITS);
        ((hash >> 6) as usize, 1 << (hash & 63))
    }

    /// Where the values stand in a text: each value once a line, in the order of lines.
    #[must_use]
    pub fn search(&self, text: &[u8]) -> Vec<Found> {
        let mut hits = Vec::new();
        for (number, sample) in text.windows(GRAM).step_by(STEP).enumerate() {
            let (at, sample) = (number * STEP, gram(sample));
            let (word, bit) = self.place(sample);
            if self.table[word] & bit != 0 {
                self.compare(text, at, sample, &mut hits);
            }
        }
        self.by_line(text, hits)
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
        let searcher = Searcher::new([&b"hunter2-hunter2"[..], b"a b/c d&e", b"short"]);
        let text = b"x\nkey=hunter2-hunter2 hunter2-hunter2\na%20b%2Fc%20d%26e short\naHVudGVyMi1odW50ZXIy";
        let found: Vec<_> =
            searcher.search(text).iter().map(|found| (found.line, found.value, found.encoding)).collect();
        assert_eq!(found, [(2, 0, Encoding::Plain), (3, 1, Encoding::Url), (4, 0, Encoding::Base64)]);
    }

    proptest! {
        #[test]
        fn a_value_is_found_wherever_it_stands(
            before in proptest::collection::vec(any::<u8>(), 0..20),
            value in proptest::collection::vec(any::<u8>(), SHORTEST..40),
            behind in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let searcher = Searcher::new([&value[..]]);
            let text = [before, value, behind].concat();
            prop_assert!(!searcher.search(&text).is_empty());
            let encoded = base64::prelude::BASE64_STANDARD.encode(&text);
            prop_assert!(!searcher.search(encoded.as_bytes()).is_empty());
        }
    }
}
