//! Reads files that hold an exported log.

use super::input;
use std::path::Path;
use vault::log::{Exported, Extent, MAX_EXPORT};
use vault::vault::Session;
use vault::{Error, Result};

/// Reads an exported log or an archive with the session's keys.
pub fn read(path: &Path, session: &Session, extent: Extent) -> Result<Exported> {
    with_text(path, |text| session.open_exported_log(text, extent))
}

/// Reads a log and passes it on. It may be large, so it is not copied.
pub fn with_text<T>(path: &Path, use_it: impl FnOnce(&str) -> Result<T>) -> Result<T> {
    let bytes = input::read(path, MAX_EXPORT)?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| Error::usage(format!("{} is not an exported log", path.display())))?;
    use_it(text).map_err(|error| {
        let message = format!("{}: {error}", path.display());
        error.reworded(message)
    })
}
