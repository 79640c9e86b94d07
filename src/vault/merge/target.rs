//! Where the result of a merge is written. It belongs to the merge from the start: what may be older than the vault on this
//! device never replaces it, and a file that changed while somebody decided is not replaced.

use crate::error::Result;
use crate::fs::{self, Lock, Stamp};
use crate::output;
use crate::vault::seal::replace;
use std::path::{Path, PathBuf};

/// Where the merged file is written.
#[derive(Debug, Clone)]
pub(in crate::vault) enum Target {
    /// In place of the vault, which must still be the file that this stamp belongs to.
    Vault(Stamp),
    /// In place of the file in which git's merge driver gets this side, which must still be the file of this stamp.
    Driver(PathBuf, Stamp),
    /// To a separate file, which is no vault yet.
    Separate(PathBuf),
}

impl Target {
    /// Writes the merged file under the lock of the file it becomes; `vault` is where the vault is.
    ///
    /// # Errors
    /// If the file to be replaced has changed, if a separate file is a vault by now, or if it can't be written.
    pub fn write(&self, vault: &Path, text: &[u8]) -> Result<()> {
        let path = match self {
            Self::Vault(_) => vault,
            Self::Driver(path, _) | Self::Separate(path) => path,
        };
        let lock = Lock::of_file(path, fs::LOCK_TIMEOUT)?;
        match self {
            Self::Vault(stamp) | Self::Driver(_, stamp) => replace(&lock, path, text, Some(*stamp)),
            Self::Separate(_) => {
                output::check(path)?;
                fs::write_private(path, text)
            }
        }
    }
}
