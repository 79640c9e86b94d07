//! Finds the line of a byte.

/// The positions of the line ends in a text.
pub(in crate::format) struct Lines(Vec<usize>);

impl Lines {
    pub(in crate::format) fn new(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// Returns the line of the byte at `offset`, from 1.
    pub(in crate::format) fn number_at(&self, offset: usize) -> usize {
        1 + self.0.partition_point(|end| *end < offset)
    }
}
