//! Searching text for many values at once, at the speed of memory.
//!
//! Samples of [`GRAM`] bytes are taken of a text, so close together that one lies wholly inside of even the shortest form
//! of a value. The samples that can occur are known: a small table of bits sorts out nearly all of the text, and what is
//! left is compared. A number per process keys the table, so that who writes a text can't choose one that is slow.
//!
//! Encoders break long lines. A break within the first samples of a form would hide it, so forms that may be broken are
//! known by the samples behind these, too.

mod pattern;

use crate::encodings::{self, Encoding, forms};
use pattern::{Beginning, Pattern, may_wrap};
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

/// Where a form stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    start: usize,
    pattern: usize,
    end: usize,
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
    /// The most bytes that a form takes in a text.
    longest: usize,
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
                if form.line.is_none_or(|length| length >= limits.line) {
                    patterns.push(Pattern { bytes: form.bytes, value, encoding: form.encoding });
                }
            }
        }
        let shortest = patterns.iter().map(|pattern| pattern.bytes.len()).min().unwrap_or(limits.value);
        let longest = patterns.iter().map(Pattern::longest).max().unwrap_or_default();
        let random = std::collections::hash_map::RandomState::new().hash_one(0);
        let mut searcher = Self {
            patterns,
            table: Zeroizing::new(vec![0; 1 << (TABLE_BITS - 6)]),
            samples: HashMap::new(),
            step: (shortest + 1).saturating_sub(GRAM).clamp(1, LONGEST_STEP),
            longest,
            factor: u32::try_from(random >> 32).unwrap_or_default() | 1,
        };
        searcher.index();
        searcher
    }

    fn index(&mut self) {
        // One of so many bytes in a row holds a sample.
        let reach = self.step + GRAM - 1;
        for (index, pattern) in (0_u32..).zip(&self.patterns) {
            let samples = (0_u8..).zip(pattern.bytes.windows(GRAM));
            let is_second = |offset: usize| pattern.wraps() && (reach..reach + self.step).contains(&offset);
            for (offset, sample) in samples.take(reach + self.step) {
                if usize::from(offset) < self.step || is_second(offset.into()) {
                    let sample = gram(sample);
                    let (word, bit) = place(self.factor, sample);
                    self.table[word] |= bit;
                    self.samples.entry(sample).or_default().push((index, offset));
                }
            }
        }
    }

    /// Where the values stand in a text: each value once a line, in the order of lines.
    #[must_use]
    pub fn search(&self, text: &[u8]) -> Vec<Found> {
        self.by_line(text, self.hits(text))
    }

    /// The pieces of a text that are values, in the order of their beginnings; they may overlap.
    #[must_use]
    pub fn spans(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut spans: Vec<_> = self.hits(text).into_iter().map(|hit| hit.start..hit.end).collect();
        spans.sort_unstable_by_key(|span| span.start);
        spans
    }

    /// Where the longest end of the text begins that a value may begin with; the text's length if there is none.
    #[must_use]
    pub fn unfinished(&self, text: &[u8]) -> usize {
        let first = (text.len() + 1).saturating_sub(self.longest);
        (first..text.len()).find(|start| self.may_begin(text, *start)).unwrap_or(text.len())
    }

    fn may_begin(&self, text: &[u8], start: usize) -> bool {
        let end = &text[start..];
        let near = &end[..end.len().min(GRAM)];
        let Some(line_end) = near.iter().position(|byte| b"\r\n".contains(byte)).filter(|at| *at > 0) else {
            return self.begins(near, end, |_| true);
        };
        let digits = || end.iter().filter(|byte| !b"\r\n".contains(byte)).take(GRAM).copied().collect::<Vec<_>>();
        self.begins(near, end, |pattern| !pattern.wraps())
            || (may_wrap(text, start + line_end) && self.begins(&digits(), end, Pattern::wraps))
    }

    /// Whether a text of these first bytes is the beginning of such a form.
    fn begins(&self, first: &[u8], text: &[u8], such: impl Fn(&Pattern) -> bool) -> bool {
        let begins = |pattern: &Pattern| such(pattern) && pattern.compare(text) == Beginning::Begun;
        if first.len() < GRAM {
            return self.patterns.iter().any(begins);
        }
        let sample = gram(first);
        let (word, bit) = place(self.factor, sample);
        self.table[word] & bit != 0
            && self.samples.get(&sample).into_iter().flatten().any(|(index, _)| begins(&self.patterns[*index as usize]))
    }

    /// The most bytes that a form takes in a text.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    fn hits(&self, text: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (number, sample) in text.windows(GRAM).step_by(self.step).enumerate() {
            let (at, sample) = (number * self.step, gram(sample));
            let (word, bit) = place(self.factor, sample);
            if self.table[word] & bit != 0 {
                self.compare(text, at, sample, &mut hits);
            }
        }
        hits
    }

    fn compare(&self, text: &[u8], at: usize, sample: u32, hits: &mut Vec<Hit>) {
        for (index, offset) in self.samples.get(&sample).into_iter().flatten() {
            let (pattern, offset) = (*index as usize, usize::from(*offset));
            let start = if offset < self.step { at.checked_sub(offset) } else { broken_start(text, at, offset) };
            let Some(start) = start else { continue };
            if let Beginning::Whole(length) = self.patterns[pattern].compare(&text[start..]) {
                hits.push(Hit { start, pattern, end: start + length });
            }
        }
    }

    fn by_line(&self, text: &[u8], mut hits: Vec<Hit>) -> Vec<Found> {
        // At one place the first form counts, which is the plainest.
        hits.sort_unstable();
        let (mut line, mut counted) = (1, 0);
        let mut found: Vec<Found> = Vec::new();
        for Hit { start, pattern, .. } in hits {
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

fn place(factor: u32, sample: u32) -> (usize, u64) {
    let hash = sample.wrapping_mul(factor) >> (32 - TABLE_BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

/// Where a form begins that has so many digits before this place, and a line end among them.
fn broken_start(text: &[u8], at: usize, offset: usize) -> Option<usize> {
    let from = at.saturating_sub(offset);
    let line_end = from + memchr::memrchr(b'\n', &text[from..at])?;
    let before = offset - (at - line_end - 1);
    let end = if text[..line_end].ends_with(b"\r") { line_end - 1 } else { line_end };
    end.checked_sub(before)
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

        #[test]
        fn a_long_value_is_found_whole_in_lines_of_any_width(
            before in proptest::collection::vec(any::<u8>(), 0..100),
            value in proptest::collection::vec(any::<u8>(), 10..200),
            behind in proptest::collection::vec(any::<u8>(), 0..100),
            width in 16_usize..80,
            line_end in prop_oneof![Just("\n"), Just("\r\n")],
        ) {
            let searcher = Searcher::new([&value[..]], IN_FILES);
            let text = [before, value.clone(), behind].concat();
            let hex: String = text.iter().map(|byte| format!("{byte:02x}")).collect();
            for (encoded, longest) in [(base64::prelude::BASE64_STANDARD.encode(&text), value.len() * 4 / 3 - 3), (hex, value.len() * 2)] {
                let lines: Vec<_> = encoded.as_bytes().chunks(width).collect();
                let spans = searcher.spans(&lines.join(line_end.as_bytes()));
                prop_assert!(spans.iter().any(|span| span.len() >= longest), "{:?}", spans);
            }
        }
    }
}
