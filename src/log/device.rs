//! The name of a device, which anchors refer to.
//!
//! It stands beside the log's directory and not in it, and only once the log has an entry: where there is a name and no
//! log, the log was taken away. A log that is there has its device's name in its signed headers, and only they count.

use crate::error::{Error, Result};
use crate::fs;
use crate::item;
use crate::name::UserName;
use std::path::{Path, PathBuf};

/// What the names of these files begin with.
pub(super) const PREFIX: &str = "device-";

/// The file `device-USER`.
pub(super) struct DeviceFile {
    path: PathBuf,
}

impl DeviceFile {
    pub(super) fn new(state: &Path, user: &UserName) -> Self {
        Self { path: state.join(format!("{PREFIX}{user}")) }
    }

    /// The name, if the user's log was begun here.
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
