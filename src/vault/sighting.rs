//! Which vault was seen at a path. What else this device remembers is kept by the vault's id, so a file that has become
//! another vault would look like one that was never seen.

use super::Settings;
use crate::error::{Error, Result};
use crate::fs;
use crate::signature::Hash;
use std::cell::Cell;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// 64 digits and a line end.
const MAX_SIGHTING: usize = 65;

/// What was seen at one path: `paths/HASH` in the state directory holds the id of the vault.
#[derive(Debug)]
pub(super) struct Sighting {
    file: PathBuf,
    /// The vault that was seen there last.
    vault: Cell<Option<Hash>>,
}

impl Sighting {
    /// What was seen at this path, links resolved.
    pub fn at(path: &Path, settings: &Settings) -> Result<Self> {
        let file = settings.state.join("paths").join(Hash::of(path.as_os_str().as_bytes()).to_string());
        let vault = match fs::read(&file, MAX_SIGHTING) {
            Ok((bytes, _)) => Some(parse(&bytes).ok_or_else(|| damaged(&file))?),
            Err(error) if error.is_missing_file() => None,
            Err(error) => return Err(error),
        };
        Ok(Self { file, vault: Cell::new(vault) })
    }

    /// Whether another vault than this one was seen there.
    pub fn is_of_another(&self, vault: &Hash) -> bool {
        self.vault.get().is_some_and(|seen| seen != *vault)
    }

    /// From here on this is the vault at that path.
    pub fn remember(&self, vault: &Hash) -> Result<()> {
        if self.vault.get() == Some(*vault) {
            return Ok(());
        }
        fs::create_private_directory(fs::parent(&self.file))?;
        fs::write_private(&self.file, format!("{vault}\n").as_bytes())?;
        self.vault.set(Some(*vault));
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> Option<Hash> {
    std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?.parse().ok()
}

fn damaged(file: &Path) -> Error {
    Error::integrity(format!("{} is damaged", file.display()))
        .hint("it says which vault was seen at this path; after looking at the vault, remove that file")
}
