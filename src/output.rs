//! Writes values to files that only their owner can read. A vault is never overwritten, even if its name is given by
//! mistake.

use crate::error::{Error, Reason, Remedy, Result};
use crate::file::{HEADING, is_vault};
use crate::{fs, settings};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// The directory in the state directory that lists unfinished files.
const UNFINISHED: &str = "unfinished";

/// Returns an error if there is a vault at this path, so that values must not be written there. This is called before
/// the access is logged.
///
/// # Errors
/// [`Reason::IsAVault`].
pub fn check(path: &Path) -> Result<()> {
    let mut beginning = [0; HEADING.len()];
    // If the file can't be read, the write will report the error.
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let read = is_file && File::open(path).and_then(|mut file| file.read_exact(&mut beginning)).is_ok();
    if read && is_vault(&beginning) {
        let message = format!("{} is a vault", path.display());
        return Err(Error::new(Reason::IsAVault, message).hint(("name another file: ", Remedy::NameOutput)));
    }
    Ok(())
}

/// Writes a new file that only its owner can read, and replaces an existing one.
///
/// # Errors
/// [`Reason::IsAVault`]; or if the file can't be written completely, and then an existing file stays as it was.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// Does the same as [`write()`] with the content that `write` produces. If that fails, an existing file stays as it was.
///
/// # Errors
/// The same as for [`write()`], and those of `write`.
pub fn write_with(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<()> {
    check(path)?;
    let notes = settings::state_directory().ok().map(|state| state.join(UNFINISHED));
    fs::write_private_with(path, notes.as_deref(), write)
}

/// Removes unfinished files of programs that were killed while they wrote, because they hold values. `state` is the state
/// directory.
pub fn clear_unfinished(state: &Path) {
    fs::clear_noted(&state.join(UNFINISHED));
}

/// Appends to a file that other programs also write.
///
/// # Errors
/// The same as for [`write()`].
pub fn append(path: &Path, bytes: &[u8]) -> Result<()> {
    check(path)?;
    fs::append_private(path, bytes)
}
