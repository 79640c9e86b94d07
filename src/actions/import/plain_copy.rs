//! Finds out whether the imported values are still in a file in plain text.

use super::chosen::Chosen;
use crate::git::Git;
use crate::path::parent;
use std::path::Path;

/// A file that still holds imported values in plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlainCopy {
    /// Whether git tracks the file.
    pub is_tracked: bool,
}

impl PlainCopy {
    /// Returns what is known about the file that this import was read from, if the file still exists. A file without
    /// imported values, or a pipe, is no copy.
    #[must_use]
    pub fn of(chosen: &Chosen) -> Option<Self> {
        let file = chosen.file().filter(|file| file.stamp.is_some() && file.path.exists())?;
        (!chosen.items().is_empty()).then(|| Self { is_tracked: is_tracked(&file.path) })
    }
}

fn is_tracked(file: &Path) -> bool {
    file.file_name().is_some_and(|name| Git::at(parent(file)).tracks(name))
}
