//! Files that values are written to: never over a vault, whose place one mistyped name could take.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use vault::{Error, Result, file, fs};

/// Where in the state directory files in the making are noted.
const UNFINISHED: &str = "unfinished";

/// Whether values may be written there, asked before their use is logged.
pub fn check(path: Option<&Path>) -> Result<()> {
    path.map_or(Ok(()), refuse_vault)
}

/// Writes a new file, readable by its owner only, in the place of what was there.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// The same of what `write` writes. If that fails, what was there stays.
pub fn write_with(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<()> {
    refuse_vault(path)?;
    let notes = vault::settings::state_directory().ok().map(|state| state.join(UNFINISHED));
    fs::write_private_with(path, notes.as_deref(), write)
}

/// Removes what a command left that was killed while it wrote: it holds values.
pub fn clear_unfinished(state: &Path) {
    fs::clear_noted(&state.join(UNFINISHED));
}

/// Appends to a file that others write, too.
pub fn append(path: &Path, bytes: &[u8]) -> Result<()> {
    refuse_vault(path)?;
    fs::append_private(path, bytes)
}

fn refuse_vault(path: &Path) -> Result<()> {
    let mut beginning = [0; file::HEADING.len()];
    // What can't be read is told by whoever writes.
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let read = is_file && File::open(path).and_then(|mut file| file.read_exact(&mut beginning)).is_ok();
    if read && file::is_vault(&beginning) {
        return Err(Error::usage(format!("{} is a vault", path.display())).hint("name another file: -o FILE"));
    }
    Ok(())
}
