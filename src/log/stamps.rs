//! Detects whether a log on this device has changed, without reading it.

use crate::ordered::InOrder as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file of a log: its path, its size in bytes and its modification time.
pub type Stamp = (PathBuf, u64, Option<SystemTime>);

/// Returns the stamps of all files of a vault's logs. Equal stamps mean that nothing was written in between.
#[must_use]
pub fn stamps(state: &Path) -> Vec<Stamp> {
    let mut found = Vec::new();
    add(&state.join(super::directory::LOGS), &mut found);
    found.order();
    found
}

fn add(directory: &Path, found: &mut Vec<Stamp>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        // The file was removed after it was listed.
        let Ok(metadata) = entry.metadata() else { continue };
        match metadata.is_dir() {
            true => add(&entry.path(), found),
            false => found.push((entry.path(), metadata.len(), metadata.modified().ok())),
        }
    }
}
