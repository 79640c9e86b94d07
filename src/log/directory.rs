//! Where the logs of a vault are in its state directory.

use super::device;
use crate::error::{Error, Result};
use crate::name::UserName;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

pub(super) const LOGS: &str = "log";

/// Returns the directory of a user's log in the vault's state directory.
pub(super) fn path(state: &Path, user: &UserName) -> PathBuf {
    state.join(LOGS).join(user.as_str())
}

/// Returns the users who have, or had, a log in this state directory of a vault.
///
/// # Errors
/// If the directory can't be read.
pub(crate) fn users_here(state: &Path) -> Result<Vec<UserName>> {
    let mut users = BTreeSet::new();
    for (name, is_directory) in names_in(&state.join(LOGS))? {
        users.extend(UserName::new(name).ok().filter(|_| is_directory));
    }
    for (name, _) in names_in(state)? {
        let user = name.strip_prefix(device::PREFIX);
        users.extend(user.and_then(|user| UserName::new(user).ok()));
    }
    Ok(users.into_iter().collect())
}

/// Returns the names in a directory, and whether each is a directory; none if the directory doesn't exist.
fn names_in(directory: &Path) -> Result<Vec<(String, bool)>> {
    let failed = |error: &io::Error| Error::io("read", directory, error);
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| failed(&error))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed(&error))?;
        let is_directory = entry.file_type().map_err(|error| failed(&error))?.is_dir();
        names.extend(entry.file_name().into_string().ok().map(|name| (name, is_directory)));
    }
    Ok(names)
}
