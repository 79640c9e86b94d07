//! Finds the vault if no path is given.

use crate::error::{Error, Kind, Reason, Remedy, Result};
use crate::fs;
use crate::git::Git;
use crate::ordered::InOrder as _;
use crate::path::shell_word;
use std::collections::HashSet;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The name of a vault if none is given.
pub const DEFAULT_NAME: &str = "secrets.vault";

/// The suffix of every vault's file name.
const SUFFIX: &str = "vault";

/// Finds the vault that is used in a directory, and those in its work tree: files named `*.vault` that git tracks or doesn't
/// ignore. Vaults in submodules and nested repositories are left out. The one that is used comes first, if there is one:
/// the named one, or else the nearest. A file is returned once, even if it has several paths.
///
/// # Errors
/// If git fails, for example because there is no work tree; as [`find`], unless there is no vault.
pub(crate) fn find_all(directory: &Path, named: Option<PathBuf>) -> Result<Vec<PathBuf>> {
    let used = match named.map_or_else(|| find(directory), Ok) {
        Err(error) if error.kind() == Kind::NotFound => None,
        used => Some(used?),
    };
    let (mut known, mut found) = (HashSet::new(), Vec::new());
    for path in used.into_iter().chain(in_work_tree(directory)?) {
        let metadata = path.metadata().map_err(|error| Error::io("read", &path, &error))?;
        if known.insert((metadata.dev(), metadata.ino())) {
            found.push(path);
        }
    }
    Ok(found)
}

/// Returns the vaults in a directory's work tree, in order. The paths begin with the top of the work tree.
fn in_work_tree(directory: &Path) -> Result<Vec<PathBuf>> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    const GIT: &str = "git";

    #[test]
    fn each_vault_is_found_once_and_the_one_that_is_used_comes_first() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        if !Command::new(GIT).arg("init").arg("-q").arg(root.path()).status().is_ok_and(|made| made.success()) {
            return;
        }
        std::fs::create_dir(at("service")).unwrap();
        let vault = include_str!("../../tests/vectors/small.vault");
        for name in ["a.vault", "service/secrets.vault"] {
            std::fs::write(at(name), vault).unwrap();
        }
        std::fs::write(at("other.vault"), "not a vault").unwrap();
        symlink("a.vault", at("link.vault")).unwrap();
        let found = |directory: &str, named: Option<&str>| -> Vec<PathBuf> {
            let found = find_all(&at(directory), named.map(&at)).unwrap();
            let top = root.path().canonicalize().unwrap();
            found
                .iter()
                .map(|path| path.strip_prefix(&top).or(path.strip_prefix(root.path())).unwrap().into())
                .collect()
        };
        assert_eq!(found("", None), ["a.vault", "service/secrets.vault"].map(PathBuf::from));
        assert_eq!(found("service", None), ["service/secrets.vault", "a.vault"].map(PathBuf::from));
        assert_eq!(found("service", Some("link.vault")), ["link.vault", "service/secrets.vault"].map(PathBuf::from));
        let missing = find_all(root.path(), Some(at("missing.vault"))).unwrap_err();
        assert_eq!(missing.reason(), Reason::MissingFile, "{missing}");
    }
}
