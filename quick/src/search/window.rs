//! Windows, and where they were found.

use crate::encodings::Encoding;

/// What a window belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner {
    /// Which of the values.
    pub value: u32,
    pub encoding: Encoding,
    /// How many bytes in a row have to be found of it where only whole values count.
    pub need: u8,
}

/// A window: where it stands first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub unit: u32,
    pub offset: u32,
    pub length: u8,
    pub owner: Owner,
    /// Before which of its bytes the value has something that is dropped.
    pub gaps: u32,
    /// Whether it is of another value, too.
    pub is_shared: bool,
}

/// A window that stands in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    /// The place of its first byte.
    pub at: usize,
    pub length: usize,
    pub window: Window,
}

/// What is known of the text that windows are looked for in.
pub(super) trait Text {
    /// Whether a window counts that stands there.
    fn accepts(&self, _found: &Match) -> bool {
        true
    }

    /// Whether the byte at this place may belong to the one before it, where the text goes on as the value does, or repeats
    /// what a window of some length repeats.
    fn goes_on(&self, _at: usize, _length: usize) -> bool {
        true
    }
}

impl Window {
    /// Takes in what an equal window of the same or another value says.
    pub fn take_in(&mut self, other: &Self) {
        self.is_shared |= self.owner.value != other.owner.value;
        self.gaps |= other.gaps;
        self.owner.need = self.owner.need.min(other.owner.need);
    }

    /// Whether it is the same one.
    pub fn is(&self, other: &Self) -> bool {
        (self.unit, self.offset, self.length) == (other.unit, other.offset, other.length)
    }

    /// Where in its unit it stands.
    pub fn range(&self) -> std::ops::Range<usize> {
        let from = self.offset as usize;
        from..from + usize::from(self.length)
    }
}
