//! Where the vault is when nobody says so.

use crate::error::{Error, Kind, Reason, Remedy, Result};
use crate::fs;
use crate::git::Git;
use crate::ordered::InOrder as _;
use crate::path::shell_word;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The name a vault has where none is given.
pub const DEFAULT_NAME: &str = "secrets.vault";

/// What a vault of any name is called at its end.
const SUFFIX: &str = "vault";

/// Finds the vaults of the work tree that a directory is in: what git tracks there or doesn't ignore, and is called
/// `*.vault`. Submodules and nested repositories have their own. The paths begin with the work tree's top.
///
/// # Errors
/// If git fails: there may be no work tree.
pub fn find_all(directory: &Path) -> Result<Vec<PathBuf>> {
    let top = Git::at(directory).top()?;
    let mut found = Vec::new();
    for path in Git::at(&top).files()? {
        let path = top.join(path);
        if path.extension().is_some_and(|suffix| suffix == SUFFIX) && begins_as_vault(&path) {
            found.push(path);
        }
    }
    found.order();
    Ok(found)
}

/// A file in a checkout may be anything.
fn begins_as_vault(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let Ok((file, _)) = fs::open_regular(path) else { return false };
    file.take(256).read_to_end(&mut beginning).is_ok() && crate::file::is_vault(&beginning)
}

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
            return Err(Error::new(Kind::Denied, format!("{} belongs to another user", path.display())).hint({
                let name = shell_word(&path);
                let variable = format!(", or VAULT_FILE={name}");
                ("to use it anyway, name it: ", Remedy::UseVault(name), variable)
            }));
        }
        return Ok(path);
    }
    Err(Error::new(Reason::NoVault, format!("no {DEFAULT_NAME} in {} or above", directory.display())).hint((
        "to create one here: ",
        Remedy::Create,
        "; to use another: VAULT_FILE, or ",
        Remedy::UseVault("FILE".to_owned()),
    )))
}
