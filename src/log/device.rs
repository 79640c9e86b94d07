//! The file with this device's name. Anchors refer to devices by name.
//!
//! It is outside the log's directory, and is written only once the log has an entry. So a name without a log means that
//! the log was removed. If there is a log, only the device names in its signed headers count.

use crate::error::{Error, Result};
use crate::fs;
use crate::item;
use crate::name::UserName;
use std::path::{Path, PathBuf};

/// The prefix of these files' names.
pub(super) const PREFIX: &str = "device-";

/// The file `device-USER`.
pub(super) struct DeviceFile {
    path: PathBuf,
}

impl DeviceFile {
    pub(super) fn new(state: &Path, user: &UserName) -> Self {
        Self { path: state.join(format!("{PREFIX}{user}")) }
    }

    /// Returns the device's name, if the user has started a log here.
    pub(super) fn load(&self) -> Result<Option<String>> {
        let Some(bytes) = fs::read_if_there(&self.path, 64)? else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        let changed = || Error::integrity(format!("{} was changed", self.path.display()));
        item::is_id(&text).then_some(Some(text)).ok_or_else(changed)
    }

    pub(super) fn exists(&self) -> bool {
        self.path.exists()
    }

    pub(super) fn store(&self, name: &str) -> Result<()> {
        fs::write_private(&self.path, name.as_bytes())
    }
}
