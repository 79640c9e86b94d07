//! Directories for their owner only, and the error if the state directory can't be used.

use crate::error::{Error, Remedy, Result};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// Creates a directory and its parents, for their owner only.
///
/// # Errors
/// If it can't be created, or if something other than a directory has the name.
pub fn create_private_directory(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| Error::io("create", path, &error))
}

/// Creates the state directory, which holds logs and marks. The hint of an error says how to name another place.
///
/// # Errors
/// As [`create_private_directory`].
pub fn create_state_directory(path: &Path) -> Result<()> {
    create_private_directory(path).map_err(name_elsewhere)
}

/// Checks that the state directory can be read, if it exists: one that belongs to another user can't.
///
/// # Errors
/// If it can't be read, or if a part of its path is not a directory.
pub fn check_state_directory(path: &Path) -> Result<()> {
    match std::fs::read_dir(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory) => {
            Err(name_elsewhere(Error::io("read", path, &error)))
        }
        _ => Ok(()),
    }
}

/// The same error, with a hint that says how to name another state directory.
pub fn name_elsewhere(error: Error) -> Error {
    error.hint((
        "the access log and the record of what this device has seen are kept there; name a writable directory: ",
        Remedy::ChooseState,
    ))
}
