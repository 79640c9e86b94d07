//! Finds the line of a byte.

/// The positions of the line ends in a text: LF, CRLF, or CR alone.
pub(in crate::format) struct Lines(Vec<usize>);

impl Lines {
    pub(in crate::format) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let is_end = |at: &usize| match bytes[*at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        Self((0..bytes.len()).filter(is_end).collect())
    }

    /// Returns the line of the byte at `offset`, from 1.
    pub(in crate::format) fn number_at(&self, offset: usize) -> usize {
        1 + self.0.partition_point(|end| *end < offset)
    }
}
