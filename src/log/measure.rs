//! Measures the entries of a log while it is verified, so that it isn't read once more for that.

use super::Line;

/// Collects numbers about the entries of a log, such as the widths of a table's columns. Nothing of an entry may be shown
/// yet: whether the log is whole is known only after its last entry.
pub trait Measure {
    /// Forgets everything, because the log is read anew.
    fn begin(&mut self);

    /// Measures an authentic entry. [`super::Reading::lines`] gives the same ones, in the same order.
    fn add(&mut self, line: &Line);
}
