//! Values that only the whole value distinguishes from others.
//!
//! Of windows with the same bytes, only the one of the first value is kept. So a value that differs from another one in
//! a single character lacks some windows, and its other windows don't show whether a text contains all of it. Where
//! only whole values count, such values are compared as a whole wherever a window was found.

use super::samples::{Keyed, hash};
use super::steps;
use super::window::{Owner, Window};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use vault_values::secret::SecretBytes;

/// The number of bytes that decide which lengths are compared.
const BEGINNING: usize = 4;

/// Units that share windows with those of other values.
#[derive(Default)]
pub(super) struct Wholes {
    /// Units that must occur completely, with their owners.
    all: Vec<(u32, Owner)>,
    /// Units that lack some of their windows.
    lacking: HashSet<u32>,
    /// The lengths of the units with this start, one bit for each.
    lengths: HashMap<[u8; BEGINNING], u128>,
    /// The indexes in `all` of the units with this hash.
    places: HashMap<u64, Vec<u32>, BuildHasherDefault<Keyed>>,
}

impl Wholes {
    pub fn add(&mut self, unit: u32, owner: Owner) {
        self.all.push((unit, owner));
    }

    /// Records that a window is kept and an equal one is not.
    pub fn note(&mut self, kept: &Window, other: &Window) {
        if kept.owner.value != other.owner.value {
            self.lacking.insert(other.unit);
        }
    }

    /// Builds the tables, after all windows were noted.
    pub fn build(&mut self, units: &[SecretBytes], seed: u64) {
        self.all.retain(|(unit, _)| self.lacking.contains(unit));
        for ((unit, _), place) in self.all.iter().zip(0..) {
            let bytes = &units[*unit as usize];
            let Some(beginning) = bytes.first_chunk() else { continue };
            *self.lengths.entry(*beginning).or_default() |= 1 << bytes.len().min(127);
            match self.places.entry(hash(bytes, seed)) {
                Entry::Occupied(known) => known.into_mut().push(place),
                Entry::Vacant(new) => {
                    new.insert(vec![place]);
                }
            }
        }
    }

    /// Passes the units at the start of a text to `each`.
    pub fn at(&self, units: &[SecretBytes], text: &[u8], seed: u64, mut each: impl FnMut((u32, Owner))) {
        let beginning = text.first_chunk().filter(|_| !self.all.is_empty());
        let mut lengths = beginning.and_then(|beginning| self.lengths.get(beginning)).copied().unwrap_or_default();
        while lengths != 0 {
            let length = lengths.trailing_zeros() as usize;
            lengths &= lengths - 1;
            let Some(bytes) = text.get(..length) else { return };
            steps::count(length);
            for place in self.places.get(&hash(bytes, seed)).into_iter().flatten() {
                let whole = self.all[*place as usize];
                if *units[whole.0 as usize] == *bytes {
                    each(whole);
                }
            }
        }
    }
}
