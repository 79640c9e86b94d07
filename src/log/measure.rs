//! Measures the entries of a log while it is verified, so that it isn't read once more for that.

use super::{Line, Query};
use crate::time::Time;

/// Collects numbers about the entries of a log, such as the widths of a table's columns.
pub trait Measure {
    /// Forgets everything, because the log is read again.
    fn begin(&mut self);

    /// Measures an authentic entry. [`super::Reading::lines`] gives the same ones, in the same order.
    fn add(&mut self, entry: &UnprovenEntry<'_>);
}

/// An authentic entry of a log that is still being verified. Whether the log is whole is known only after its last entry,
/// so nothing but numbers can be taken from this one.
#[derive(Debug)]
pub struct UnprovenEntry<'a>(pub(super) &'a Line);

impl UnprovenEntry<'_> {
    /// Whether the query matches the entry.
    #[must_use]
    pub fn fits(&self, query: &Query) -> bool {
        query.fits(self.0)
    }

    /// Returns when the entry was written.
    #[must_use]
    pub fn time(&self) -> Time {
        self.0.entry.time
    }

    /// Returns numbers about the entry, such as the lengths of its parts. `measure` is a plain function and no closure, so
    /// that it has no place to keep the entry in:
    ///
    /// ```compile_fail,E0308
    /// fn programs(entry: &vault::log::UnprovenEntry<'_>, kept: &mut Vec<String>) {
    ///     entry.numbers(|line| {
    ///         kept.push(line.entry.program.clone());
    ///         [None; 0]
    ///     });
    /// }
    /// ```
    #[must_use]
    pub fn numbers<const N: usize>(&self, measure: fn(&Line) -> [Option<usize>; N]) -> [Option<usize>; N] {
        measure(self.0)
    }
}
