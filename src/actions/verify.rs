//! Checking a file without a key and without a home directory.

use crate::error::Result;
use crate::vault::{Settings, StateDirectory, Unproven, Vault};
use std::path::{Path, PathBuf};

/// A file that was verified: every signature, right and version, and that it is no older than what this device has seen.
pub struct Verified {
    vault: Vault,
    /// The vault's state may be in it.
    _state: StateDirectory,
}

/// Verifies a file. `settings` returns the settings for a state directory: the user's, or a temporary one if there is none
/// that can be used. Signatures come first, so a forged file is reported as forged, even if it is also old.
///
/// # Errors
/// The errors of `settings` and [`Vault::verify`]; if a variable names the state directory and its value can't be used.
pub fn verify(path: &Path, settings: impl FnOnce(PathBuf) -> Result<Settings>) -> Result<Verified> {
    let state = StateDirectory::or_temporary()?;
    let vault = Unproven::open(path, &settings(state.path().to_owned())?)?.prove_of_any_age()?;
    vault.verify()?;
    Ok(Verified { vault, _state: state })
}

impl Verified {
    /// Returns the vault, whose state is kept for as long as this value exists.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }
}
