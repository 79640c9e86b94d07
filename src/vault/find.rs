//! Finds the vault if no path is given.

use crate::error::{Error, Kind, Reason, Remedy, Result};
use crate::fs;
use crate::git::Git;
use crate::ordered::InOrder as _;
use crate::path::shell_word;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The name of a vault if none is given.
pub const DEFAULT_NAME: &str = "secrets.vault";

/// The suffix of every vault's file name.
const SUFFIX: &str = "vault";

/// Finds the vaults in the work tree of a directory: files named `*.vault` that git tracks or doesn't ignore. Vaults in
/// submodules and nested repositories are left out. The paths begin with the top of the work tree.
///
/// # Errors
/// If git fails, for example because there is no work tree.
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

/// Returns whether a file begins like a vault, because any file can have that name.
fn begins_as_vault(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let Ok((file, _)) = fs::open_regular(path) else { return false };
    file.take(256).read_to_end(&mut beginning).is_ok() && crate::file::is_vault(&beginning)
}

/// Finds the vault with the default name in `directory` or a directory above.
///
/// # Errors
/// A not-found error that says where it looked; a denied error for a file of another user. Otherwise that user's
/// secrets would reach programs that are run below a directory of theirs.
pub fn find(directory: &Path) -> Result<PathBuf> {
    for directory in directory.ancestors() {
        let path = directory.join(DEFAULT_NAME);
        let Ok(metadata) = std::fs::metadata(&path) else { continue };
        // With a link, another user could choose which of this user's vaults is used.
        let link = std::fs::symlink_metadata(&path).map_err(|error| Error::io("read", &path, &error))?;
        let user = rustix::process::geteuid().as_raw();
        if metadata.uid() != user || link.uid() != user {
            let name = shell_word(&path);
            let hint =
                ("to use it anyway, name it: ", Remedy::UseVault(name.clone()), ", or ", Remedy::NameVault(name));
            return Err(Error::new(Kind::Denied, format!("{} belongs to another user", path.display())).hint(hint));
        }
        return Ok(path);
    }
    Err(Error::new(Reason::NoVault, format!("no {DEFAULT_NAME} in {} or above", directory.display())).hint((
        "to create one here: ",
        Remedy::Create,
        "; to use another: ",
        Remedy::UseVault("FILE".to_owned()),
    )))
}
