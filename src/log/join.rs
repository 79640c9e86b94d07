//! Checks whether the archives of a log and the rest of the log form one log.

use super::reading::Reading;

/// How a later part of a log connects to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// The later part continues where the earlier one ends, or they overlap.
    Joined,
    /// The entries between the parts are missing: the numbers of the first and the last.
    Gap(u64, u64),
    /// The later part follows other entries than those of the earlier one.
    Broken,
}

impl Reading {
    /// Returns how `later` connects to this part. `later` must not begin before this one.
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

    /// Returns the first and the last segment number, by which parts are sorted.
    #[must_use]
    pub fn extent(&self) -> (u32, u32) {
        let last = self.parts.last().map_or(0, |part| part.segment);
        (self.follows.map_or(1, |before| before.segment + 1), last)
    }

    /// Returns the device that wrote the last segment, if there is a segment.
    #[must_use]
    pub fn device(&self) -> Option<&str> {
        self.parts.last().map(|part| part.device.as_str())
    }
}
