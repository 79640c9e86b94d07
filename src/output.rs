//! Writes values to files that only their owner can read. A vault is never overwritten, even if its name is given by
//! mistake.

use crate::error::{Error, Reason, Remedy, Result};
use crate::file::{self, MAX_FILE, is_vault};
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
/// [`Reason::IsAVault`]; or if there is a file that can't be read, because it may be a vault: whoever can write to its
/// directory can replace it.
pub fn check(path: &Path) -> Result<()> {
    // Without such a file, the write finds out what is wrong.
    if !std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(());
    }
    let other = || ("name another file: ", Remedy::NameOutput);
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE as u64).read_to_end(&mut bytes));
    read.map_err(|error| Error::io("read", path, &error).hint(other()))?;
    // The heading is a comment. Without it, the file can still be read.
    match is_vault(&bytes) || file::File::parse(bytes).is_ok() {
        true => Err(Error::new(Reason::IsAVault, format!("{} is a vault", path.display())).hint(other())),
        false => Ok(()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_and_what_may_be_one_are_not_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let reason = |name: &str, content: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, content).unwrap();
            write(&path, b"value").err().map(|error| error.reason())
        };
        assert_eq!(reason("secrets.vault", file::HEADING), Some(Reason::IsAVault));
        let sandbox = crate::actions::testing::Sandbox::new();
        let whole = std::fs::read_to_string(sandbox.session.vault().path()).unwrap();
        assert_eq!(reason("moved.vault", &format!("\n{whole}")), Some(Reason::IsAVault), "it can still be opened");
        assert_eq!((reason("notes", "text"), reason("empty", "")), (None, None));
        assert!(check(directory.path()).is_ok() && check(&directory.path().join("new")).is_ok());
        // A file that nobody can read, not even root.
        #[cfg(target_os = "linux")]
        assert_eq!(check(Path::new("/proc/self/mem")).unwrap_err().reason(), Reason::System);
    }
}
