//! Checks whether the archives of a log and the rest of the log form one log.

use super::reading::Reading;

/// How a later part of a log connects to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// The later part continues where the earlier one ends, or they overlap.
    Joined,
    /// The entries between the parts are missing: the numbers of the first and the last.
    Gap(u64, u64),
    /// The later part follows other entries than those of the earlier one.
    Broken,
}

/// Whether the parts of a log fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// No entry is missing between them.
    Whole,
    /// These entries are in none of them: the numbers of the first and the last.
    Gap(u64, u64),
    /// Two parts are not of one log, or the log was replaced. Both are given by their place in the list.
    Broken {
        /// The part that the other one should follow.
        earlier: usize,
        /// The part that follows other entries.
        later: usize,
    },
}

impl Fit {
    /// Checks that each part of a log begins where the previous parts end. The parts are sorted by
    /// [`Reading::extent`]. Of several gaps, it returns the first.
    #[must_use]
    pub(crate) fn between(parts: &[&Reading]) -> Self {
        let mut fit = Self::Whole;
        let mut reached = 0;
        for (place, part) in parts.iter().enumerate().skip(1) {
            match parts[reached].joint(part) {
                Joint::Gap(first, last) if fit == Self::Whole => fit = Self::Gap(first, last),
                Joint::Joined | Joint::Gap(..) => {}
                Joint::Broken => return Self::Broken { earlier: reached, later: place },
            }
            if part.extent().1 >= parts[reached].extent().1 {
                reached = place;
            }
        }
        fit
    }
}

impl Reading {
    /// Returns how `later` connects to this part. `later` must not begin before this one.
    pub(super) fn joint(&self, later: &Self) -> Joint {
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
