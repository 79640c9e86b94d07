//! Maps and sets that are filled one by one.
//!
//! `collect` sorts all entries first, by a sort that is compiled for each type anew: five kilobytes each time. Here are
//! dozens of small maps and none that is large.

/// What can be gathered in order.
pub trait Ordered: Iterator + Sized {
    /// All that comes, as `collect` gives it; of equal keys the last one counts.
    fn ordered<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }

    /// The same of what may fail: the first error, if there is one.
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
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn all_that_comes_is_there_as_collect_gives_it() {
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
