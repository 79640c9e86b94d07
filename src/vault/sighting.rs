//! Which vault was seen at a path. What else this device remembers is kept by the vault's id, so a file that has become
//! another vault would look like one that was never seen.

use super::Settings;
use crate::error::{Error, Result};
use crate::fs;
use crate::signature::Hash;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// 64 digits and a line end.
const MAX_SIGHTING: usize = 65;

/// What was seen at one path: `paths/HASH` in the state directory holds the id of the vault.
pub(super) struct Sighting(PathBuf);

impl Sighting {
    /// Of this path, links resolved.
    pub fn at(path: &Path, settings: &Settings) -> Self {
        Self(settings.state.join("paths").join(Hash::of(path.as_os_str().as_bytes()).to_string()))
    }

    /// The vault that was seen there last.
    pub fn vault(&self) -> Result<Option<Hash>> {
        let bytes = fs::read_if_there(&self.0, MAX_SIGHTING)?;
        bytes.map(|bytes| parse(&bytes).ok_or_else(|| damaged(&self.0))).transpose()
    }

    /// From here on this is the vault at that path.
    pub fn remember(&self, vault: &Hash) -> Result<()> {
        if matches!(self.vault(), Ok(Some(known)) if known == *vault) {
            return Ok(());
        }
        fs::create_state_directory(fs::parent(&self.0))?;
        fs::write_private(&self.0, format!("{vault}\n").as_bytes())
    }
}

fn parse(bytes: &[u8]) -> Option<Hash> {
    std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?.parse().ok()
}

fn damaged(file: &Path) -> Error {
    Error::integrity(format!("{} is damaged", file.display()))
        .hint("it says which vault was seen at this path; after looking at the vault, remove that file")
}
