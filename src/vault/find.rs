//! Where the vault is when nobody says so.

use crate::error::{Error, Kind, Reason, Result};
use crate::path::shell_word;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The name a vault has where none is given.
pub const DEFAULT_NAME: &str = "secrets.vault";

/// Finds the vault from `directory` upward by its default name.
///
/// # Errors
/// A not-found error that says where it looked; a denied error for a file of another user, whose secrets would otherwise
/// reach programs run in a directory of theirs.
pub fn find(directory: &Path) -> Result<PathBuf> {
    for directory in directory.ancestors() {
        let path = directory.join(DEFAULT_NAME);
        let Ok(metadata) = std::fs::metadata(&path) else { continue };
        // A link of another user chooses which of one's own vaults is used.
        let link = std::fs::symlink_metadata(&path).map_err(|error| Error::io("read", &path, &error))?;
        let own = rustix::process::geteuid().as_raw();
        if metadata.uid() != own || link.uid() != own {
            return Err(Error::new(Kind::Denied, format!("{} belongs to another user", path.display()))
                .hint(format!("to use it all the same, name it: --vault {0}, or VAULT_FILE={0}", shell_word(&path))));
        }
        return Ok(path);
    }
    Err(Error::new(Reason::NoVault, format!("no {DEFAULT_NAME} in {} or above", directory.display()))
        .hint("to create one here: vault init; to use another: --vault FILE or VAULT_FILE"))
}
