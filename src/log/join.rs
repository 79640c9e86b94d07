//! Whether archives of a log and the rest of it join.

use super::reading::{Reading, SegmentEnd};
use crate::signature::Hash;

/// How two parts of one log lie to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// The later one goes on where the earlier one ends, or before.
    Joined,
    /// These entries, from the first to the last, are in neither.
    Gap(u64, u64),
    /// The later one follows other entries.
    Broken,
}

impl Reading {
    /// How a later part, or one that begins as early, joins this one.
    #[must_use]
    pub fn joint(&self, later: &Self) -> Joint {
        let begins = later.follows.unwrap_or_default();
        if begins == self.follows.unwrap_or_default() {
            let first = |reading: &Self| reading.parts.first().map(|part| part.header);
            return if first(self) == first(later) { Joint::Joined } else { Joint::Broken };
        }
        let ends = || self.parts.iter().filter_map(|part| part.end);
        match ends().find(|end| end.segment == begins.segment) {
            Some(end) if end == begins => Joint::Joined,
            None if self.parts.last().is_some_and(|part| part.segment < begins.segment)
                && self.last < begins.number =>
            {
                Joint::Gap(self.last + 1, begins.number)
            }
            _ => Joint::Broken,
        }
    }

    /// Where it begins and ends, as segments: for bringing parts into their order.
    #[must_use]
    pub fn extent(&self) -> (u32, u32) {
        let last = self.parts.last().map_or(0, |part| part.segment);
        (self.follows.map_or(1, |before| before.segment + 1), last)
    }

    /// On which device it was written last, if it holds a segment.
    #[must_use]
    pub fn device(&self) -> Option<&str> {
        self.parts.last().map(|part| part.device.as_str())
    }
}

impl Default for SegmentEnd {
    /// Before the first segment.
    fn default() -> Self {
        Self { segment: 0, header: Hash::ZERO, number: 0, hash: Hash::ZERO }
    }
}
