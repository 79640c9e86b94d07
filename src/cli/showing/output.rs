//! Writes values to files. A vault is never overwritten, even if its name is given by mistake.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use vault::error::Reason;
use vault::vault::{HEADING, is_vault};
use vault::{Error, Result, fs};

/// The directory in the state directory that lists unfinished files.
const UNFINISHED: &str = "unfinished";

/// Returns an error if values must not be written to this path. This is called before the access is logged.
pub fn check(path: Option<&Path>) -> Result<()> {
    path.map_or(Ok(()), refuse_vault)
}

/// Writes a new file that only its owner can read, and replaces an existing one.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// Like [`write()`], but calls `write` to produce the content. If that fails, an existing file stays as it was.
pub fn write_with(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<()> {
    refuse_vault(path)?;
    let notes = vault::settings::state_directory().ok().map(|state| state.join(UNFINISHED));
    fs::write_private_with(path, notes.as_deref(), write)
}

/// Removes unfinished files of commands that were killed while they wrote, because they hold values.
pub fn clear_unfinished(state: &Path) {
    fs::clear_noted(&state.join(UNFINISHED));
}

/// Appends to a file that other programs also write.
pub fn append(path: &Path, bytes: &[u8]) -> Result<()> {
    refuse_vault(path)?;
    fs::append_private(path, bytes)
}

fn refuse_vault(path: &Path) -> Result<()> {
    let mut beginning = [0; HEADING.len()];
    // If the file can't be read, the write will report the error.
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let read = is_file && File::open(path).and_then(|mut file| file.read_exact(&mut beginning)).is_ok();
    if read && is_vault(&beginning) {
        let message = format!("{} is a vault", path.display());
        return Err(Error::new(Reason::IsAVault, message).hint("name another file: -o FILE"));
    }
    Ok(())
}
