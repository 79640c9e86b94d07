//! Values that are told from others only as a whole.
//!
//! Of windows with the same bytes one is kept, with the value that came first. So a value that differs from another one in a
//! character has not all of its windows, and the others don't say whether all of it stands in a text. Where only whole values
//! count, such values are looked up as a whole wherever a window was found.

use super::samples::{Keyed, hash};
use super::steps;
use super::window::{Owner, Window};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use vault_values::secret::SecretBytes;

/// So many bytes say which lengths are worth a look.
const BEGINNING: usize = 4;

/// Units that share windows with those of other values.
#[derive(Default)]
pub(super) struct Wholes {
    /// Units of which all has to be there, with the value that each is of.
    all: Vec<(u32, Owner)>,
    /// Units that have not all of their windows.
    lacking: HashSet<u32>,
    /// The lengths of those that begin so, a bit for each.
    lengths: HashMap<[u8; BEGINNING], u128>,
    /// Which of `all` have this hash.
    places: HashMap<u64, Vec<u32>, BuildHasherDefault<Keyed>>,
}

impl Wholes {
    pub fn add(&mut self, unit: u32, owner: Owner) {
        self.all.push((unit, owner));
    }

    /// Notes that a window is kept, and an equal one is not.
    pub fn note(&mut self, kept: &Window, other: &Window) {
        if kept.owner.value != other.owner.value {
            self.lacking.insert(other.unit);
        }
    }

    /// To be called once all windows were noted.
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

    /// Hands out the units that a text begins with.
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
