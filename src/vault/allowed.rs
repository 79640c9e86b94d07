//! Records which vaults the shell hook may use. The hook uses no other, so that a fresh clone alone can't set variables.

use super::{Claims, Vault};
use crate::error::{Error, Result};
use crate::fs;
use crate::signature::Hash;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// 64 digits and a line feed.
const MAX_ALLOWED: usize = 65;

impl Claims {
    /// Returns whether this vault was allowed at this path on this device.
    ///
    /// # Errors
    /// If the state directory can't be read.
    pub fn is_allowed(&self) -> Result<bool> {
        Ok(allowed_at(&self.settings.state, &self.location.asked)? == Some(self.id()))
    }
}

impl Vault {
    /// Lets the shell hook use this vault at this path from now on.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn allow(&self) -> Result<()> {
        let file = file(&self.settings.state, &self.location.asked)?;
        fs::create_state_directory(fs::parent(&file))?;
        fs::write_private(&file, format!("{}\n", self.id()).as_bytes())
    }
}

/// Returns the id of the vault that was allowed at this path.
///
/// # Errors
/// If the state directory can't be read.
pub fn allowed_at(state: &Path, vault: &Path) -> Result<Option<Hash>> {
    let bytes = fs::read_if_there(&file(state, vault)?, MAX_ALLOWED)?;
    // A damaged file allows nothing.
    Ok(bytes.and_then(|bytes| std::str::from_utf8(&bytes).ok()?.strip_suffix('\n')?.parse().ok()))
}

/// Undoes [`Vault::allow`] for this path, and returns whether a vault was allowed there. The vault's file may be gone.
///
/// # Errors
/// If the state directory can't be written.
pub fn deny(state: &Path, vault: &Path) -> Result<bool> {
    let file = file(state, vault)?;
    match std::fs::remove_file(&file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io("remove", &file, &error)),
    }
}

/// Returns the file for a path. Links in the path are not resolved, so a link that is put there later can't lead to
/// another allowed vault.
fn file(state: &Path, vault: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(vault).map_err(|error| Error::io("find", vault, &error))?;
    let path = crate::path::without_dots(&absolute);
    Ok(state.join("allowed").join(Hash::of(path.as_os_str().as_bytes()).to_string()))
}
