//! Pieces of values, each found in a time that does not depend on the values.
//!
//! A text holds a value where it holds a *window* of it: as many of its bytes in a row as one of [`LENGTHS`] says. All
//! windows stand in one hash table, so that a place of a text is looked up at most once for each length, however many
//! values there are and however they repeat themselves.
//!
//! Before that, samples of a few bytes are taken of a text, so close together that one lies within the beginning of each
//! window. A table of bits says which samples can occur: it sorts out nearly all of the text. A number per process keys
//! the tables, so that who writes a value or a text can't choose one that is slow.

use super::order::{first_bytes, in_buckets};
use super::samples::{Keyed, Samples, hash, pair};
use crate::encodings::Encoding;
use crate::secret::SecretBytes;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, BuildHasherDefault};
use zeroize::{Zeroize as _, Zeroizing};

/// How long windows are. The longest one bounds what is held back of a stream.
pub(super) const LENGTHS: [usize; 10] = [4, 5, 6, 7, 8, 10, 12, 16, 24, 32];
pub(super) const LONGEST: usize = 32;
/// So many windows of one unit begin at each of its bytes; further ones stand end to end.
pub(super) const DENSE: usize = 1 << 16;
/// Windows from this length on are looked for by longer samples, further apart.
const LONG: usize = 8;

/// The longest window of so many bytes: shorter ones would be found more often than the value.
pub(super) fn window_length(bytes: usize) -> Option<usize> {
    LENGTHS.iter().rev().find(|length| **length <= bytes).copied()
}

/// What a window belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    /// Which of the values.
    pub value: u32,
    pub encoding: Encoding,
    /// How many bytes in a row have to be found of it where only whole values count.
    pub need: u8,
}

/// A window: where it stands first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub unit: u32,
    pub offset: u32,
    pub length: u8,
    pub owner: Owner,
    /// Before which of its bytes the value has something that is dropped.
    pub gaps: u32,
    /// Whether it is of another value, too.
    pub is_shared: bool,
}

/// A window that stands in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    /// The place of its first byte.
    pub at: usize,
    pub length: usize,
    pub window: Window,
}

/// What is looked for in one kind of text.
pub(super) struct Index {
    units: Vec<SecretBytes>,
    /// The windows as they came; once built in the order of their bytes, each once.
    windows: Vec<Window>,
    /// Where in `windows` the one with this hash stands.
    places: HashMap<u64, u32, BuildHasherDefault<Keyed>>,
    short: Samples,
    long: Samples,
    /// With which two bytes windows begin, a bit for each pair.
    pairs: Zeroizing<Vec<u64>>,
    seed: u64,
}

impl Index {
    pub fn new() -> Self {
        let seed = || RandomState::new().hash_one(0) | 1;
        let (windows, places) = (Vec::new(), HashMap::default());
        let (short, long) = (Samples::new(4, seed()), Samples::new(6, seed()));
        let pairs = Zeroizing::new(vec![0; 1 << 10]);
        Self { units: Vec::new(), windows, places, short, long, pairs, seed: seed() }
    }

    /// Takes bytes up that windows can be of.
    pub fn unit(&mut self, bytes: SecretBytes) -> usize {
        self.units.push(bytes);
        self.units.len() - 1
    }

    /// Adds a window of a unit.
    pub fn add(&mut self, unit: usize, offset: usize, length: usize, owner: Owner, gaps: u32) {
        let bytes = &self.units[unit][offset..offset + length];
        let (word, bit) = pair(bytes[0], bytes[1]);
        self.pairs[word] |= bit;
        let (unit, offset) = (u32::try_from(unit).unwrap_or_default(), u32::try_from(offset).unwrap_or_default());
        let length = length.to_le_bytes()[0];
        let window = Window { unit, offset, length, owner, gaps, is_shared: false };
        // A value that repeats one byte has one window thousands of times.
        match self.windows.last() {
            Some(last) if last.length == length && self.bytes(last) == self.bytes(&window) => {
                let last = self.windows.len() - 1;
                self.windows[last].take_in(&window);
            }
            _ => self.windows.push(window),
        }
    }

    /// To be called once all windows are there.
    pub fn build(&mut self) {
        self.windows = self.sorted();
        self.places.reserve(self.windows.len());
        for (place, window) in self.windows.iter().enumerate() {
            let bytes = &self.units[window.unit as usize][window.range()];
            self.places.insert(hash(bytes, self.seed), u32::try_from(place).unwrap_or_default());
        }
        let bytes = |window: &Window| &self.units[window.unit as usize][window.range()];
        let of =
            |is_long: bool| self.windows.iter().filter(move |window| (usize::from(window.length) >= LONG) == is_long);
        self.short.build(of(false).map(bytes));
        self.long.build(of(true).map(bytes));
    }

    /// The windows in the order of their bytes; of equal ones the first that came, with what all of them say.
    fn sorted(&self) -> Vec<Window> {
        // Their first bytes decide nearly always, and a number is compared faster than what has to be looked up.
        let keys = self.windows.iter().zip(0..).map(|(window, place)| (first_bytes(self.bytes(window)), place));
        let (mut keys, ends) = in_buckets(keys, self.windows.len());
        let window = |place: u32| &self.windows[place as usize];
        let mut start = 0;
        for end in ends {
            keys[start..end].sort_unstable_by(|(a, first), (b, second)| {
                let rest = || self.bytes(window(*first)).cmp(self.bytes(window(*second))).then(first.cmp(second));
                a.cmp(b).then_with(rest)
            });
            start = end;
        }
        let mut sorted: Vec<Window> = Vec::with_capacity(keys.len());
        let mut last = [0; 2];
        for (key, place) in &keys {
            let window = window(*place);
            match sorted.last_mut() {
                Some(known) if last == *key && self.bytes(known) == self.bytes(window) => known.take_in(window),
                _ => sorted.push(*window),
            }
            last = *key;
        }
        last.zeroize();
        keys.iter_mut().for_each(|(key, _)| key.zeroize());
        sorted
    }

    fn bytes(&self, window: &Window) -> &[u8] {
        &self.units[window.unit as usize][window.range()]
    }

    /// The windows that stand in the text, in order for each of the two lengths of samples. `accept` has the last word.
    pub fn search(&self, text: &[u8], accept: &impl Fn(&Match) -> bool, each: &mut impl FnMut(Match)) {
        for samples in [&self.short, &self.long] {
            let mut done = 0;
            samples.places(text, |places| {
                let mut at = places.start.max(done);
                while at < places.end {
                    at += self.at(samples, text, at, accept).map_or(1, |mut found| {
                        let more = self.more(&found, text, accept);
                        found.length += more;
                        each(found);
                        // What begins in between ends in between, too.
                        more.saturating_sub(LONGEST) + 1
                    });
                }
                done = done.max(at);
            });
        }
    }

    /// The longest window that the text begins with from a place on, in which `accept` sees one.
    fn at(&self, samples: &Samples, text: &[u8], at: usize, accept: &impl Fn(&Match) -> bool) -> Option<Match> {
        let text = &text[at..];
        let mut lengths = samples.lengths(text);
        while lengths != 0 {
            let class = lengths.ilog2() as usize;
            lengths &= !(1 << class);
            let Some(bytes) = text.get(..LENGTHS[class]) else { continue };
            let Some(place) = self.places.get(&hash(bytes, self.seed)) else { continue };
            let window = &self.windows[*place as usize];
            let found = Match { at, length: bytes.len(), window: *window };
            if self.bytes(window) == bytes && accept(&found) {
                return Some(found);
            }
        }
        None
    }

    /// How many bytes behind a window the text goes on with the same unit, so that a long value is gone through once.
    fn more(&self, found: &Match, text: &[u8], accept: &impl Fn(&Match) -> bool) -> usize {
        let Window { unit, offset, .. } = found.window;
        if let Some(more) = repeats(found, text).filter(|more| accept(&Match { length: found.length + more, ..*found }))
        {
            return more;
        }
        if found.length < LONGEST {
            return 0;
        }
        let own = &self.units[unit as usize];
        let end = own.len().min(DENSE + LONGEST);
        let own = own.get(offset as usize + LONGEST..end).unwrap_or_default();
        let pairs = own.iter().zip(&text[found.at + LONGEST..]);
        let more = pairs.take_while(|(own, other)| own == other).count();
        let whole = Match { length: found.length + more, ..*found };
        if more > LONGEST && accept(&whole) { more } else { 0 }
    }

    /// The windows that the text begins with.
    pub fn first(&self, text: &[u8], accept: &impl Fn(&Match) -> bool) -> Option<Match> {
        let long = self.at(&self.long, text, 0, accept);
        long.or_else(|| self.at(&self.short, text, 0, accept))
    }

    /// Whether a window begins with these two bytes.
    pub fn may_begin_with(&self, first: u8, second: u8) -> bool {
        let (word, bit) = pair(first, second);
        self.pairs[word] & bit != 0
    }

    /// Whether a window may begin with this text: a hint for texts too short to be looked up.
    pub fn may_begin(&self, text: &[u8]) -> bool {
        self.long.may_begin(text) || self.short.may_begin(text)
    }

    /// The same for eight bytes, the first of them in the lowest place.
    pub fn may_begin_with_eight(&self, eight: u64) -> bool {
        self.long.may_begin_with_eight(eight) || self.short.may_begin_with_eight(eight)
    }

    /// Whether the text is the beginning of a window and not a whole one, of such a window.
    pub fn unfinished(&self, text: &[u8], such: impl Fn(&Window) -> bool) -> bool {
        /// When in doubt, it is.
        const MOST: usize = 64;
        let from = self.windows.partition_point(|window| self.bytes(window) < text);
        let begun = self.windows[from..].iter().take_while(|window| self.bytes(window).starts_with(text));
        let mut longer = begun.filter(|window| usize::from(window.length) > text.len());
        longer.by_ref().take(MOST).any(such) || longer.next().is_some()
    }

    /// All bytes of what a window is of.
    pub fn whole(&self, window: &Window) -> &[u8] {
        &self.units[window.unit as usize]
    }

    /// How many these are.
    pub fn unit_length(&self, unit: usize) -> usize {
        self.units[unit].len()
    }
}

/// How many bytes behind a window of nothing but one byte the text goes on with it, if that is worth to know.
fn repeats(found: &Match, text: &[u8]) -> Option<usize> {
    let text = &text[found.at..];
    let first = text[0];
    let is_again = |byte: &&u8| **byte == first;
    let is_one = text[..found.length].iter().all(|byte| *byte == first);
    let more = if is_one { text[found.length..].iter().take_while(is_again).count() } else { 0 };
    (more > LONGEST).then_some(more)
}

impl Window {
    /// Takes in what an equal window of the same or another value says.
    fn take_in(&mut self, other: &Self) {
        self.is_shared |= self.owner.value != other.owner.value;
        self.gaps |= other.gaps;
        self.owner.need = self.owner.need.min(other.owner.need);
    }

    /// Whether it is the same one.
    pub fn is(&self, other: &Self) -> bool {
        (self.unit, self.offset, self.length) == (other.unit, other.offset, other.length)
    }

    fn range(&self) -> std::ops::Range<usize> {
        let from = self.offset as usize;
        from..from + usize::from(self.length)
    }
}
