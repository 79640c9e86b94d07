//! Windows, and their matches.

use crate::encodings::Encoding;

/// What a window belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    /// The index of the value.
    pub value: u32,
    pub encoding: Encoding,
    /// How many consecutive bytes must be found where only whole values count.
    pub need: u8,
}

/// A window, by its first position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub unit: u32,
    pub offset: u32,
    pub length: u8,
    pub owner: Owner,
    /// The symbols before which the value has something that is dropped, as bits.
    pub gaps: u32,
    /// Whether the window also belongs to another value.
    pub is_shared: bool,
}

/// A window that occurs in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    /// The position of its first byte.
    pub at: usize,
    pub length: usize,
    pub window: Window,
}

/// What is known about the text that is searched.
pub(super) trait Text {
    /// Returns whether a match counts.
    fn accepts(&self, _found: &Match) -> bool {
        true
    }

    /// Returns whether the byte at this position may follow the previous one, where the text continues as the value
    /// does, or repeats what a window of this length repeats.
    fn goes_on(&self, _at: usize, _length: usize) -> bool {
        true
    }
}

impl Window {
    /// Adds the properties of an equal window of the same or another value.
    pub fn take_in(&mut self, other: &Self) {
        self.is_shared |= self.owner.value != other.owner.value;
        self.gaps |= other.gaps;
        self.owner.need = self.owner.need.min(other.owner.need);
    }

    /// Returns whether both are the same window.
    pub fn is(&self, other: &Self) -> bool {
        (self.unit, self.offset, self.length) == (other.unit, other.offset, other.length)
    }

    /// Returns the window's range in its unit.
    pub fn range(&self) -> std::ops::Range<usize> {
        let from = self.offset as usize;
        from..from + usize::from(self.length)
    }
}
