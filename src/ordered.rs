//! Sorts lists, maps and sets with a single sort for all types.
//!
//! The standard library's sort is compiled for each type and each order, at four kilobytes each. This program sorts
//! dozens of short lists and small maps, but none of them often.

use std::cmp::Ordering;

/// Types that can be sorted. Equal elements keep their order.
pub trait InOrder<T> {
    /// Sorts as `sort_by` does.
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);

    /// Sorts as `sort_by_key` does.
    fn order_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        self.order_by(|one, other| key(one).cmp(&key(other)));
    }

    /// Sorts as `sort` does.
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }
}

impl<T> InOrder<T> for [T] {
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let mut places = places(self.len(), &|one, other| compare(&self[one], &self[other]));
        for start in 0..places.len() {
            // Follow a cycle of the permutation: each swap puts one element into its final place.
            let mut at = start;
            while places[at] != start {
                let from = std::mem::replace(&mut places[at], at);
                self.swap(at, from);
                at = from;
            }
            places[at] = at;
        }
    }
}

/// Returns, for each place in the sorted list, the index of its element in the unsorted one.
fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

/// Collects into a map or set one by one: `collect` would sort all entries first.
pub trait Ordered: Iterator + Sized {
    /// Collects all elements, as `collect` does; of equal keys, the last one counts.
    fn ordered<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }

    /// Collects the values of elements that may fail, or returns the first error.
    fn try_ordered<T, E, C: Default + Extend<T>>(mut self) -> Result<C, E>
    where
        Self: Iterator<Item = Result<T, E>>,
    {
        let mut all = C::default();
        self.try_for_each(|one| {
            all.extend(std::iter::once(one?));
            Ok(())
        })?;
        Ok(all)
    }
}

impl<I: Iterator> Ordered for I {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        #[test]
        fn elements_are_sorted_as_by_the_standard_library(
            things in proptest::collection::vec((0_u8..20, any::<u16>()), 0..80),
        ) {
            let (mut sorted, mut ordered) = (things.clone(), things.clone());
            sorted.sort();
            ordered.order();
            prop_assert_eq!(ordered, sorted);
            let (mut sorted, mut ordered) = (things.clone(), things);
            sorted.sort_by_key(|(first, _)| std::cmp::Reverse(*first));
            ordered.order_by_key(|(first, _)| std::cmp::Reverse(*first));
            prop_assert_eq!(ordered, sorted);
        }
    }

    #[test]
    fn every_element_is_included_as_by_collect() {
        let pairs = [(2, 'b'), (1, 'a'), (2, 'c')];
        let map: BTreeMap<i32, char> = pairs.into_iter().ordered();
        assert_eq!(map, pairs.into_iter().collect());
        let set: BTreeSet<char> = pairs.into_iter().map(|(_, letter)| letter).ordered();
        assert_eq!(set, BTreeSet::from(['a', 'b', 'c']));
        let all = |numbers: [i32; 3]| numbers.into_iter().map(|number| u8::try_from(number).map_err(|_| number));
        assert_eq!(all([3, 1, 3]).try_ordered(), Ok(BTreeSet::from([1, 3])));
        assert_eq!(all([1, 300, -1]).try_ordered::<u8, i32, BTreeSet<u8>>(), Err(300));
    }
}
