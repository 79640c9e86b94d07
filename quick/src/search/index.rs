//! An index of pieces of values. The time of a look-up does not depend on the values.
//!
//! A text contains a value if it contains a *window* of it: as many consecutive bytes as one of [`LENGTHS`]. All
//! windows are in one hash table. So each position of a text is looked up at most once for each length, however many
//! values there are and however they repeat themselves.
//!
//! Before that, samples of a few bytes are taken from the text, so close together that one lies within the start of
//! each window. A table of bits says which samples can occur, and rules out nearly all of the text. The tables use a
//! random key for each process, so that nobody can write a value or a text that makes the search slow.

use super::order::{first_bytes, in_buckets};
use super::samples::{Keyed, Samples, hash, pair};
use super::steps;
use super::wholes::Wholes;
use super::window::{Match, Owner, Text, Window};
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, BuildHasherDefault};
use vault_values::secret::SecretBytes;
use zeroize::{Zeroize as _, Zeroizing};

/// The lengths of windows. The longest one limits how much of a stream is held back.
pub(super) const LENGTHS: [usize; 10] = [4, 5, 6, 7, 8, 10, 12, 16, 24, 32];
pub(super) const LONGEST: usize = 32;
/// In the first part of a unit, of this many bytes, windows start at each byte; after it they are end to end.
pub(super) const DENSE: usize = 1 << 16;
/// The bytes that start an escape.
pub(super) const INTRODUCERS: [u8; 3] = *b"\\%&";
/// The minimum length of windows that are found by longer samples, further apart.
const LONG: usize = 8;

/// Returns the length of the longest window that fits into this many bytes: shorter windows would be found more often
/// than the value.
pub(super) fn window_length(bytes: usize) -> Option<usize> {
    LENGTHS.iter().rev().find(|length| **length <= bytes).copied()
}

/// The windows to search for in one kind of text.
pub(super) struct Index {
    units: Vec<SecretBytes>,
    /// Which of [`INTRODUCERS`] each unit contains.
    introducers: Vec<[bool; INTRODUCERS.len()]>,
    /// The windows in the order in which they were added; after `build`, sorted by their bytes and without duplicates.
    windows: Vec<Window>,
    /// The index in `windows` of the window with this hash.
    places: HashMap<u64, u32, BuildHasherDefault<Keyed>>,
    short: Samples,
    long: Samples,
    /// The pairs of bytes with which windows start, one bit for each pair.
    pairs: Zeroizing<Vec<u64>>,
    /// Units that share windows with other units, so that only the whole unit identifies the value.
    wholes: Wholes,
    seed: u64,
}

impl Index {
    pub fn new() -> Self {
        let seed = || RandomState::new().hash_one(0) | 1;
        let (windows, places) = (Vec::new(), HashMap::default());
        let (short, long) = (Samples::new(4, seed()), Samples::new(6, seed()));
        let pairs = Zeroizing::new(vec![0; 1 << 10]);
        let (units, introducers, wholes) = (Vec::new(), Vec::new(), Wholes::default());
        Self { units, introducers, windows, places, short, long, pairs, wholes, seed: seed() }
    }

    /// Adds a unit: bytes from which windows are taken.
    pub fn unit(&mut self, bytes: SecretBytes) -> usize {
        self.introducers.push(INTRODUCERS.map(|byte| bytes.contains(&byte)));
        self.units.push(bytes);
        self.units.len() - 1
    }

    /// Adds a window of a unit.
    pub fn add(&mut self, unit: usize, offset: usize, length: usize, owner: Owner, gaps: u32) {
        steps::count(length);
        let bytes = &self.units[unit][offset..offset + length];
        let (word, bit) = pair(bytes[0], bytes[1]);
        self.pairs[word] |= bit;
        let (unit, offset) = (u32::try_from(unit).unwrap_or_default(), u32::try_from(offset).unwrap_or_default());
        let length = length.to_le_bytes()[0];
        let window = Window { unit, offset, length, owner, gaps, is_shared: false };
        // A value that repeats one byte has the same window thousands of times.
        match self.windows.last() {
            Some(last) if last.length == length && self.bytes(last) == self.bytes(&window) => {
                let last = self.windows.len() - 1;
                self.wholes.note(&self.windows[last], &window);
                self.windows[last].take_in(&window);
            }
            _ => self.windows.push(window),
        }
    }

    /// Adds a unit that counts only as a whole, after its windows were added.
    pub fn add_whole(&mut self, unit: usize, owner: Owner) {
        self.wholes.add(u32::try_from(unit).unwrap_or_default(), owner);
    }

    /// Builds the tables, after all windows were added.
    pub fn build(&mut self) {
        let mut wholes = std::mem::take(&mut self.wholes);
        self.windows = self.sorted(&mut wholes);
        wholes.build(&self.units, self.seed);
        self.wholes = wholes;
        self.places.reserve(self.windows.len());
        for (place, window) in self.windows.iter().enumerate() {
            let bytes = &self.units[window.unit as usize][window.range()];
            self.places.insert(hash(bytes, self.seed), u32::try_from(place).unwrap_or_default());
        }
        let bytes = |window: &Window| &self.units[window.unit as usize][window.range()];
        let windows =
            |is_long: bool| self.windows.iter().filter(move |window| (usize::from(window.length) >= LONG) == is_long);
        self.short.build(windows(false).map(bytes));
        self.long.build(windows(true).map(bytes));
    }

    /// Returns the windows sorted by their bytes. Of equal windows it keeps the first one, with the properties of all
    /// of them.
    fn sorted(&self, wholes: &mut Wholes) -> Vec<Window> {
        // The first bytes nearly always decide, and comparing numbers is faster than looking up the rest.
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
                Some(known) if last == *key && self.bytes(known) == self.bytes(window) => {
                    wholes.note(known, window);
                    known.take_in(window);
                }
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

    /// Passes the windows that occur in the bytes of a text to `each`, in order for each of the two lengths of samples.
    ///
    /// At each position, at most one window of each length is looked up. If the text continues like a long value, or
    /// repeats the content of a window, that stretch is read once and skipped.
    pub fn search(&self, bytes: &[u8], text: &impl Text, each: &mut impl FnMut(Match)) {
        for samples in [&self.short, &self.long] {
            let mut done = 0;
            samples.places(bytes, |places| {
                let mut at = places.start.max(done);
                while at < places.end {
                    at += self.at(samples, bytes, at, &|found| text.accepts(found)).map_or(1, |mut found| {
                        let more = self.more(&found, bytes, text);
                        let place = found.at;
                        self.wholes.at(&self.units, &bytes[place..], self.seed, |whole| {
                            if let Some(found) = self.whole(whole, place, bytes, text) {
                                each(found);
                            }
                        });
                        found.length += more;
                        each(found);
                        // A window that starts in the stretch also ends in it.
                        more.saturating_sub(LONGEST) + 1
                    });
                }
                done = done.max(at);
            });
        }
    }

    /// Returns the longest window at the start of the text from a position on that `accept` allows.
    fn at(&self, samples: &Samples, text: &[u8], at: usize, accept: &impl Fn(&Match) -> bool) -> Option<Match> {
        let text = &text[at..];
        let mut lengths = samples.lengths(text);
        steps::count(1);
        while lengths != 0 {
            let class = lengths.ilog2() as usize;
            lengths &= !(1 << class);
            let Some(bytes) = text.get(..LENGTHS[class]) else { continue };
            steps::count(bytes.len());
            let Some(place) = self.places.get(&hash(bytes, self.seed)) else { continue };
            let window = &self.windows[*place as usize];
            let found = Match { at, length: bytes.len(), window: *window };
            if self.bytes(window) == bytes && accept(&found) {
                return Some(found);
            }
        }
        None
    }

    /// Returns a match of a whole unit at a position of the text, if all of its windows are accepted there.
    fn whole(&self, (unit, owner): (u32, Owner), at: usize, bytes: &[u8], text: &impl Text) -> Option<Match> {
        let length = self.units[unit as usize].len();
        let window = window_length(length)?;
        for from in at..=at + length - window {
            let Some(place) = self.places.get(&hash(&bytes[from..from + window], self.seed)) else { continue };
            let found = Match { at: from, length: window, window: self.windows[*place as usize] };
            if !text.accepts(&found) {
                return None;
            }
        }
        let window = Window { unit, offset: 0, length: window.to_le_bytes()[0], owner, gaps: 0, is_shared: true };
        Some(Match { at, length, window })
    }

    /// Returns for how many bytes after a window the text continues like its unit, or repeats what the window repeats;
    /// 0 if it is not worth skipping them.
    fn more(&self, found: &Match, bytes: &[u8], text: &impl Text) -> usize {
        let behind = found.at + found.length;
        let goes_on = |at: usize| {
            steps::count(1);
            text.goes_on(at, found.length)
        };
        let rest = if found.length < LONGEST { &[] } else { self.behind(&found.window) };
        let pairs = rest.iter().zip(behind..bytes.len());
        let more = pairs.take_while(|(byte, at)| **byte == bytes[*at] && goes_on(*at)).count();
        let again = period(&bytes[found.at..behind]).map_or(0, |period| {
            let places = behind..bytes.len();
            let again = places.take_while(|at| bytes[*at] == bytes[*at - period] && goes_on(*at)).count();
            // Only whole periods count, so that the match ends as the window does.
            again - again % period
        });
        if more.max(again) > LONGEST { more.max(again) } else { 0 }
    }

    /// Returns the bytes after a window in its unit, as far as windows start at each of them.
    fn behind(&self, window: &Window) -> &[u8] {
        let unit = &self.units[window.unit as usize];
        let end = unit.len().min(DENSE + LONGEST);
        unit.get(window.range().end..end).unwrap_or_default()
    }

    /// Returns the longest window at the start of a text that `accept` allows.
    pub fn first(&self, text: &[u8], accept: &impl Fn(&Match) -> bool) -> Option<Match> {
        let long = self.at(&self.long, text, 0, accept);
        long.or_else(|| self.at(&self.short, text, 0, accept))
    }

    /// Returns whether a window starts with these two bytes.
    pub fn may_begin_with(&self, first: u8, second: u8) -> bool {
        let (word, bit) = pair(first, second);
        self.pairs[word] & bit != 0
    }

    /// Returns whether a window may start with this text; a hint for texts that are too short for a look-up.
    pub fn may_begin(&self, text: &[u8]) -> bool {
        self.long.may_begin(text) || self.short.may_begin(text)
    }

    /// As [`Index::may_begin`], for eight bytes, with the first one in the lowest byte of `eight`.
    pub fn may_begin_with_eight(&self, eight: u64) -> bool {
        self.long.may_begin_with_eight(eight) || self.short.may_begin_with_eight(eight)
    }

    /// Returns whether the text is the start of a longer window for which `is_candidate` returns true.
    pub fn unfinished(&self, text: &[u8], is_candidate: impl Fn(&Window) -> bool) -> bool {
        /// After this many candidates the answer is yes.
        const MOST: usize = 64;
        steps::count(self.windows.len().max(1).ilog2() as usize);
        let from = self.windows.partition_point(|window| self.bytes(window) < text);
        let begun = self.windows[from..].iter().take_while(|window| self.bytes(window).starts_with(text));
        let mut longer = begun.filter(|window| usize::from(window.length) > text.len());
        longer.by_ref().take(MOST).any(is_candidate) || longer.next().is_some()
    }

    /// Returns the first byte in a text that starts an escape and does not occur in the window's unit.
    pub fn introducer(&self, window: &Window, text: &[u8]) -> Option<u8> {
        let known = self.introducers[window.unit as usize];
        let is_strange = |byte: &u8| INTRODUCERS.iter().zip(known).any(|(other, is_known)| other == byte && !is_known);
        text.iter().copied().find(is_strange)
    }

    /// Returns the length of a unit, in bytes.
    pub fn unit_length(&self, unit: usize) -> usize {
        self.units[unit].len()
    }
}

/// Returns the period of a window, in bytes, if it repeats itself at least once.
fn period(bytes: &[u8]) -> Option<usize> {
    steps::count(bytes.len());
    (1..=bytes.len() / 2).find(|period| bytes[*period..] == bytes[..bytes.len() - period])
}
