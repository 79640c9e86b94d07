//! Whether a directory is private to the user, so that nobody else can put a socket there.

use crate::error::reason;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Returns why no socket may be in a directory: it is not a directory, is a link, belongs to another user, or is open to
/// others.
pub(super) fn refusal(path: &Path) -> Option<String> {
    if !path.is_absolute() {
        return Some("it is not an absolute path".to_owned());
    }
    match std::fs::symlink_metadata(path) {
        Err(error) => Some(reason(&error)),
        Ok(metadata) if !metadata.is_dir() => Some("it is not a directory, or it is a link to one".to_owned()),
        Ok(metadata) if metadata.uid() != rustix::process::geteuid().as_raw() => {
            Some("it belongs to somebody else".to_owned())
        }
        Ok(metadata) if metadata.mode() & 0o077 != 0 => Some("other users can enter it".to_owned()),
        Ok(_) => None,
    }
}
