//! Remembers which vault was seen at a path. Everything else that this device remembers is kept under the vault's id,
//! so a file that was replaced by another vault would look as if it had never been seen.

use super::Settings;
use super::location::Location;
use crate::error::{Error, Result};
use crate::fs;
use crate::signature::Hash;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// 64 digits and a line feed.
const MAX_SIGHTING: usize = 65;

/// The record of what was seen at a path: `paths/HASH` in the state directory holds the id of the vault. The path is
/// the one that was given, so that a link that is put there later can't lead to another vault. If the file is behind a
/// link, the file's real path is recorded as well.
pub(super) struct Sighting(Vec<PathBuf>);

impl Sighting {
    pub fn at(location: &Location, settings: &Settings) -> Self {
        let directory = settings.state.join("paths");
        let file = |path: &Path| directory.join(Hash::of(path.as_os_str().as_bytes()).to_string());
        let mut files = vec![file(&location.asked)];
        if location.real != location.asked {
            files.push(file(&location.real));
        }
        Self(files)
    }

    /// Returns the vault that was last seen at each of the paths.
    pub fn vaults(&self) -> Result<Vec<Option<Hash>>> {
        self.0.iter().map(|file| seen_in(file)).collect()
    }

    /// Records this vault as the one at these paths.
    pub fn remember(&self, vault: &Hash) -> Result<()> {
        for file in &self.0 {
            if matches!(seen_in(file), Ok(Some(known)) if known == *vault) {
                continue;
            }
            fs::create_state_directory(fs::parent(file))?;
            fs::write_private(file, format!("{vault}\n").as_bytes())?;
        }
        Ok(())
    }
}

fn seen_in(file: &Path) -> Result<Option<Hash>> {
    let bytes = fs::read_if_there(file, MAX_SIGHTING)?;
    bytes.map(|bytes| parse(&bytes).ok_or_else(|| damaged(file))).transpose()
}

fn parse(bytes: &[u8]) -> Option<Hash> {
    std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?.parse().ok()
}

fn damaged(file: &Path) -> Error {
    Error::integrity(format!("{} is damaged", file.display()))
        .hint("it records which vault was seen at this path; check the vault, then remove that file")
}
