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
use super::steps;
use super::wholes::Wholes;
use super::window::{Match, Owner, Text, Window};
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, BuildHasherDefault};
use vault_values::secret::SecretBytes;
use zeroize::{Zeroize as _, Zeroizing};

/// How long windows are. The longest one bounds what is held back of a stream.
pub(super) const LENGTHS: [usize; 10] = [4, 5, 6, 7, 8, 10, 12, 16, 24, 32];
pub(super) const LONGEST: usize = 32;
/// So many windows of one unit begin at each of its bytes; further ones stand end to end.
pub(super) const DENSE: usize = 1 << 16;
/// What escapes begin with.
pub(super) const INTRODUCERS: [u8; 3] = *b"\\%&";
/// Windows from this length on are looked for by longer samples, further apart.
const LONG: usize = 8;

/// The longest window of so many bytes: shorter ones would be found more often than the value.
pub(super) fn window_length(bytes: usize) -> Option<usize> {
    LENGTHS.iter().rev().find(|length| **length <= bytes).copied()
}

/// What is looked for in one kind of text.
pub(super) struct Index {
    units: Vec<SecretBytes>,
    /// Which of [`INTRODUCERS`] each of them has.
    introducers: Vec<[bool; INTRODUCERS.len()]>,
    /// The windows as they came; once built in the order of their bytes, each once.
    windows: Vec<Window>,
    /// Where in `windows` the one with this hash stands.
    places: HashMap<u64, u32, BuildHasherDefault<Keyed>>,
    short: Samples,
    long: Samples,
    /// With which two bytes windows begin, a bit for each pair.
    pairs: Zeroizing<Vec<u64>>,
    /// Units that windows alone don't tell from others.
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

    /// Takes bytes up that windows can be of.
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
        // A value that repeats one byte has one window thousands of times.
        match self.windows.last() {
            Some(last) if last.length == length && self.bytes(last) == self.bytes(&window) => {
                let last = self.windows.len() - 1;
                self.wholes.note(&self.windows[last], &window);
                self.windows[last].take_in(&window);
            }
            _ => self.windows.push(window),
        }
    }

    /// Adds a unit that counts only where all of it stands, once its windows are there.
    pub fn add_whole(&mut self, unit: usize, owner: Owner) {
        self.wholes.add(u32::try_from(unit).unwrap_or_default(), owner);
    }

    /// To be called once all windows are there.
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
        let of =
            |is_long: bool| self.windows.iter().filter(move |window| (usize::from(window.length) >= LONG) == is_long);
        self.short.build(of(false).map(bytes));
        self.long.build(of(true).map(bytes));
    }

    /// The windows in the order of their bytes; of equal ones the first that came, with what all of them say.
    fn sorted(&self, wholes: &mut Wholes) -> Vec<Window> {
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

    /// The windows that stand in the bytes of a text, in order for each of the two lengths of samples.
    ///
    /// At each place a window of each length is looked up, no more. Where the text goes on with a long value, or repeats
    /// what is in a window, all of that is gone through once and left behind.
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

    /// A unit whose bytes stand at a place of the text, if all of its windows count there.
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

    /// How many bytes behind a window the text goes on as its unit does, or with what the window repeats, if that is worth to
    /// know.
    fn more(&self, found: &Match, bytes: &[u8], text: &impl Text) -> usize {
        let behind = found.at + found.length;
        let goes_on = |at: usize| {
            steps::count(1);
            text.goes_on(at, found.length)
        };
        let own = if found.length < LONGEST { &[] } else { self.behind(&found.window) };
        let pairs = own.iter().zip(behind..bytes.len());
        let more = pairs.take_while(|(own, at)| **own == bytes[*at] && goes_on(*at)).count();
        let again = period(&bytes[found.at..behind]).map_or(0, |period| {
            let places = behind..bytes.len();
            let again = places.take_while(|at| bytes[*at] == bytes[*at - period] && goes_on(*at)).count();
            // What the window stands for ends with one.
            again - again % period
        });
        if more.max(again) > LONGEST { more.max(again) } else { 0 }
    }

    /// What stands behind a window in its unit, as far as windows begin at each of its bytes.
    fn behind(&self, window: &Window) -> &[u8] {
        let unit = &self.units[window.unit as usize];
        let end = unit.len().min(DENSE + LONGEST);
        unit.get(window.range().end..end).unwrap_or_default()
    }

    /// The longest window that a text begins with, in which `accept` sees one.
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
        steps::count(self.windows.len().max(1).ilog2() as usize);
        let from = self.windows.partition_point(|window| self.bytes(window) < text);
        let begun = self.windows[from..].iter().take_while(|window| self.bytes(window).starts_with(text));
        let mut longer = begun.filter(|window| usize::from(window.length) > text.len());
        longer.by_ref().take(MOST).any(such) || longer.next().is_some()
    }

    /// The first byte in a text that begins an escape and does not stand in what a window is of.
    pub fn introducer(&self, window: &Window, text: &[u8]) -> Option<u8> {
        let own = self.introducers[window.unit as usize];
        let is_strange = |byte: &u8| INTRODUCERS.iter().zip(own).any(|(other, is_own)| other == byte && !is_own);
        text.iter().copied().find(is_strange)
    }

    /// How many bytes a unit has.
    pub fn unit_length(&self, unit: usize) -> usize {
        self.units[unit].len()
    }
}

/// After how many bytes a window repeats itself, if it does so at least once.
fn period(bytes: &[u8]) -> Option<usize> {
    steps::count(bytes.len());
    (1..=bytes.len() / 2).find(|period| bytes[*period..] == bytes[..bytes.len() - period])
}
