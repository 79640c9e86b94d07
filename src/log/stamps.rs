//! Whether a log on this device has grown, without reading it.

use crate::ordered::InOrder as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file of a log: its path, size and time.
pub type Stamp = (PathBuf, u64, Option<SystemTime>);

/// What all logs of the vault with this state directory are now. Equal stamps: nothing was written in between.
#[must_use]
pub fn stamps(state: &Path) -> Vec<Stamp> {
    let mut found = Vec::new();
    add(&state.join(super::LOGS), &mut found);
    found.order();
    found
}

fn add(directory: &Path, found: &mut Vec<Stamp>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        // What is gone by now is no part of a log.
        let Ok(metadata) = entry.metadata() else { continue };
        match metadata.is_dir() {
            true => add(&entry.path(), found),
            false => found.push((entry.path(), metadata.len(), metadata.modified().ok())),
        }
    }
}
