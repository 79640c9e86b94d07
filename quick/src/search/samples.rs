//! Samples of a text, which show where a window may start.

use super::index::LENGTHS;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use zeroize::Zeroizing;

/// The number of bytes that are read for a sample.
const WORD: usize = size_of::<u64>();

/// The samples that occur in texts with a window.
pub(super) struct Samples {
    /// The length of a sample, in bytes.
    length: usize,
    /// The distance between samples.
    step: usize,
    /// A bit for each sample, by its hash.
    bits: Zeroizing<Vec<u64>>,
    shift: u32,
    factor: u64,
    /// The lengths of the windows that start with a sample, as bits.
    beginnings: HashMap<u64, u16, BuildHasherDefault<Keyed>>,
}

impl Samples {
    pub(super) fn new(length: usize, factor: u64) -> Self {
        let (bits, beginnings) = (Zeroizing::new(Vec::new()), HashMap::default());
        Self { length, step: 1, bits, shift: 0, factor, beginnings }
    }

    pub(super) fn build<'a>(&mut self, windows: impl Iterator<Item = &'a [u8]> + Clone) {
        const LEAST_BITS: u32 = 17;
        const MOST_BITS: u32 = 24;
        const LARGEST_STEP: usize = WORD;
        let Some(shortest) = windows.clone().map(<[u8]>::len).min() else { return };
        self.step = (shortest + 1 - self.length).min(LARGEST_STEP);
        self.beginnings.reserve(windows.clone().count());
        for window in windows.clone() {
            let class = LENGTHS.iter().position(|length| *length == window.len()).unwrap_or_default();
            *self.beginnings.entry(self.hash(window)).or_default() |= 1 << class;
        }
        // About three percent of the bits are set.
        let count = (self.beginnings.len() * self.step).max(1).ilog2();
        let bits = (count + 6).clamp(LEAST_BITS, MOST_BITS);
        self.shift = 64 - bits;
        self.bits = Zeroizing::new(vec![0; 1 << (bits - 6)]);
        for sample in windows.flat_map(|window| (0..self.step).map(move |from| &window[from..])) {
            let (word, bit) = self.place(self.hash(sample));
            self.bits[word] |= bit;
        }
    }

    /// Returns the hash of the first bytes of a text; the text must be long enough.
    #[inline(always)]
    fn hash(&self, text: &[u8]) -> u64 {
        let sample = match text.first_chunk() {
            Some(eight) => u64::from_le_bytes(*eight),
            None => {
                let mut eight = [0; 8];
                eight[..text.len()].copy_from_slice(text);
                u64::from_le_bytes(eight)
            }
        };
        self.hash_of_eight(sample)
    }

    #[inline(always)]
    fn hash_of_eight(&self, eight: u64) -> u64 {
        (eight << (64 - 8 * self.length)).wrapping_mul(self.factor)
    }

    #[inline(always)]
    fn place(&self, hash: u64) -> (usize, u64) {
        let index = hash >> self.shift;
        ((index >> 6) as usize, 1 << (index & 63))
    }

    #[inline(always)]
    fn is_set(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.bits[word] & bit != 0
    }

    /// Passes the ranges where windows may start to `each`.
    pub(super) fn places(&self, text: &[u8], mut each: impl FnMut(Range<usize>)) {
        if self.beginnings.is_empty() || text.len() < self.length {
            return;
        }
        let (words, _) = text.as_chunks();
        let mut at = if self.step == WORD { self.in_words(words, &mut each) } else { self.across(words, &mut each) };
        // The last few samples are not in a whole word.
        while at + self.length <= text.len() {
            if self.is_set(self.hash(&text[at..])) {
                each((at + 1).saturating_sub(self.step)..at + 1);
            }
            at += self.step;
        }
    }

    /// Takes one sample of each word, which is enough if all values are long, as most are. Returns where the next
    /// sample starts.
    fn in_words(&self, words: &[[u8; WORD]], each: &mut impl FnMut(Range<usize>)) -> usize {
        let (bits, mut at) = (self.bits.as_slice(), 0_usize);
        for word in words {
            let (word, bit) = self.place(self.hash_of_eight(u64::from_le_bytes(*word)));
            if bits[word] & bit != 0 {
                each((at + 1).saturating_sub(WORD)..at + 1);
            }
            at += WORD;
        }
        at
    }

    /// Takes samples closer together, and returns where the next one starts. Each is shifted out of two words: the
    /// program is optimized for size, so reading it from the text would be a call.
    fn across(&self, words: &[[u8; WORD]], each: &mut impl FnMut(Range<usize>)) -> usize {
        let bits = self.bits.as_slice();
        let (mut at, mut base, mut low) = (0_usize, 0, None);
        for word in words {
            let high = u64::from_le_bytes(*word);
            let Some(low) = low.replace(high) else { continue };
            while at < base + WORD {
                let shift = 8 * (at - base) as u32;
                let eight: u64 = low >> shift | high << 1 << (63 - shift);
                let (word, bit) = self.place(self.hash_of_eight(eight));
                if bits[word] & bit != 0 {
                    each((at + 1).saturating_sub(self.step)..at + 1);
                }
                at += self.step;
            }
            base += WORD;
        }
        at
    }

    pub(super) fn may_begin(&self, text: &[u8]) -> bool {
        !self.beginnings.is_empty() && text.len() >= self.length && self.is_set(self.hash(text))
    }

    pub(super) fn may_begin_with_eight(&self, eight: u64) -> bool {
        !self.beginnings.is_empty() && self.is_set(self.hash_of_eight(eight))
    }

    pub(super) fn lengths(&self, text: &[u8]) -> u16 {
        if text.len() < self.length {
            return 0;
        }
        self.beginnings.get(&self.hash(text)).copied().unwrap_or_default()
    }
}

pub(super) fn pair(first: u8, second: u8) -> (usize, u64) {
    (usize::from(first) << 2 | usize::from(second >> 6), 1 << (second & 63))
}

/// Returns a keyed hash of all bytes.
pub(super) fn hash(bytes: &[u8], seed: u64) -> u64 {
    let mix = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        (product as u64) ^ ((product >> 64) as u64)
    };
    let mut state = mix(seed ^ bytes.len() as u64, 0x9e37_79b9_7f4a_7c15);
    let mut word = |bytes: &[u8]| {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        state = mix(state ^ u64::from_le_bytes(eight), seed ^ 0xe703_7ed1_a0b4_28db);
    };
    bytes.chunks(8).for_each(&mut word);
    state
}

/// A hasher for keys that are hashes already.
#[derive(Default)]
pub(super) struct Keyed(u64);

impl Hasher for Keyed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        // The hash table uses both ends of the hash, and a sample's hash ends in zeros.
        self.0 = hash ^ (hash >> 32);
    }
}
