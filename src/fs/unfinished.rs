//! Unfinished files: how they are named, and how those of killed writers are found.

use super::open_regular;
use crate::path::parent;
use crate::random;
use std::io;
use std::path::{Path, PathBuf};

/// The suffix of unfinished files.
const UNFINISHED: &str = ".vault-tmp";

/// Returns an unused name for an unfinished file, in the same directory as the one that it will replace.
pub(super) fn name(target: &Path) -> io::Result<PathBuf> {
    let name = target.file_name().unwrap_or_default();
    let number = random::number().map_err(|error| io::Error::other(error.to_string()))?;
    Ok(parent(target).join(format!(".{}.{number:016x}{UNFINISHED}", name.display())))
}

/// Removes the files that killed writers left in a directory, because they may hold values. A file that can't be
/// removed stays.
pub fn remove_left_behind(directory: &Path) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        remove_if_left_behind(&entry.path());
    }
}

/// Removes a file if its name is that of an unfinished file and its writer is gone.
pub(super) fn remove_if_left_behind(path: &Path) {
    let name = path.file_name().and_then(|name| name.to_str());
    let is_unfinished = name.is_some_and(|name| name.starts_with('.') && name.ends_with(UNFINISHED));
    if is_unfinished && open_regular(path).is_ok_and(|(file, _)| file.try_lock().is_ok()) {
        let _ = std::fs::remove_file(path);
    }
}
