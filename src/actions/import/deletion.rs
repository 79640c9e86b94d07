//! Deletes a file once the vault has its values, or says why the file stays.

use super::chosen::Chosen;
use crate::error::{Error, Result};
use crate::fs::Stamp;
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::vault::{Purpose, Session};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Why a file is not deleted after an import.
#[derive(Debug)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub enum Stays {
    /// The values come from no regular file.
    NotAFile,
    /// Something in it was not imported. The remarks say what.
    Incomplete,
    /// It is a link to this file, which holds the values.
    Link(PathBuf),
    /// It has other names (hard links), which would still hold the values.
    OtherNames,
    /// Somebody changed it after it was read.
    Changed,
    /// The vault does not give back all values, or the file could not be removed.
    Failed(Error),
}

/// The proof that the vault on disk gives back every value that an import took. Nothing else deletes a file.
pub(super) struct ReadBack<'a> {
    chosen: &'a Chosen,
    /// Whether the items have the tags of the file as well.
    has_tags: bool,
}

impl<'a> ReadBack<'a> {
    /// Reads the imported items back from the file on disk, and compares them.
    ///
    /// # Errors
    /// An integrity error if any of them is missing or differs.
    pub(super) fn new(chosen: &'a Chosen, environment: &EnvironmentName, session: &Session) -> Result<Self> {
        let names = || chosen.items().iter().map(|taken| &taken.name);
        let purpose = Purpose::for_action(Action::Import).note("read back").items(names());
        let saved = session.open(&purpose, environment)?.only(|item| names().any(|name| name == item.name()));
        let saved = session.read(&purpose, saved)?;
        let mut has_tags = true;
        for taken in chosen.items() {
            match saved.items().get(&taken.name) {
                Some(item) if item.current.value == taken.value => has_tags &= taken.has_its_tags(item),
                _ => return Err(Error::integrity("the vault does not give back what was imported; the file stays")),
            }
        }
        Ok(Self { chosen, has_tags })
    }

    /// Deletes the file.
    ///
    /// # Errors
    /// Why the file stays.
    pub(super) fn delete(self) -> Result<(), Stays> {
        let file = check(self.chosen, self.has_tags)?;
        std::fs::remove_file(file).map_err(|error| Stays::Failed(Error::io("remove", file, &error)))
    }
}

/// Returns the file that may be deleted after this import: the vault will have everything that was in it, and no other
/// name of the file would keep the values.
///
/// # Errors
/// Why the file has to stay.
pub(super) fn check(chosen: &Chosen, has_tags: bool) -> Result<&Path, Stays> {
    let file = chosen.file().ok_or(Stays::NotAFile)?;
    let stamp = file.stamp.ok_or(Stays::NotAFile)?;
    if !chosen.is_complete() || !has_tags {
        return Err(Stays::Incomplete);
    }
    let metadata = std::fs::symlink_metadata(&file.path)
        .map_err(|error| Stays::Failed(Error::io("remove", &file.path, &error)))?;
    if metadata.is_symlink() {
        return Err(Stays::Link(std::fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone())));
    }
    if metadata.nlink() > 1 {
        return Err(Stays::OtherNames);
    }
    if stamp != Stamp::from_metadata(&metadata) {
        return Err(Stays::Changed);
    }
    Ok(&file.path)
}
