//! The directory in /tmp in which agents listen if the system provides no runtime directory for the user. The XDG Base
//! Directory Specification lets a program choose a replacement in that case, and asks for a warning.
//!
//! Everybody can write to /tmp, and somebody who knows a name can take it first. So the name is random, and a note in the
//! user's state directory records it. Before each use, the directory is checked like any other: it must not be a link,
//! and must belong to the user and be closed to others. If somebody else has taken the name, a new one is chosen.

use super::private::refusal;
use crate::error::{Error, Remedy, Result};
use crate::{fs, random};
use std::fs::{DirBuilder, File};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

const SHARED: &str = "/tmp";
const PREFIX: &str = "vault-";
/// The note's file, in the state directory.
const NOTE: &str = "agent-directory";
/// The file that is locked while a directory is made.
const LOCK: &str = "agent-directory.lock";
/// The maximum length of the path in a note, in bytes.
const LONGEST: usize = 4096;

/// Returns the directory, if there is one and it is safe to use.
pub(super) fn existing(state: &Path) -> Result<Option<PathBuf>> {
    Ok(recorded(state)?.filter(|path| refusal(path).is_none()))
}

/// Returns the directory. Makes it if necessary.
pub(super) fn make(state: &Path) -> Result<PathBuf> {
    make_in(Path::new(SHARED), state)
}

fn make_in(shared: &Path, state: &Path) -> Result<PathBuf> {
    fs::create_state_directory(state)?;
    // Only one process at a time: of two new directories, one would be forgotten, together with the agent in it.
    let lock_path = state.join(LOCK);
    let lock = File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(&lock_path);
    let lock = lock.map_err(|error| Error::io("open", &lock_path, &error))?;
    fs::lock(&lock, &lock_path, fs::LOCK_TIMEOUT)?;
    if let Some(path) = recorded(state)?.filter(|path| path.is_absolute()) {
        // The directory may be gone, for example after a restart of the machine. If it still exists, `refusal` checks it.
        let _ = create(&path);
        if refusal(&path).is_none() {
            return Ok(path);
        }
    }
    let path = shared.join(format!("{PREFIX}{:016x}", random::number()?));
    create(&path).map_err(|error| Error::io("create", &path, &error).hint((OWN_DIRECTORY, Remedy::WithoutAgent)))?;
    fs::write_private(&state.join(NOTE), path.as_os_str().as_bytes())?;
    Ok(path)
}

/// What to do if the agent has no directory for its socket.
pub(super) const OWN_DIRECTORY: &str =
    "set XDG_RUNTIME_DIR to a directory of your own with mode 0700; without the agent: ";

fn create(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

fn recorded(state: &Path) -> Result<Option<PathBuf>> {
    let note = fs::read_if_there(&state.join(NOTE), LONGEST)?;
    Ok(note.map(|bytes| PathBuf::from(std::ffi::OsString::from_vec(bytes))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    #[test]
    fn i3_the_directory_in_tmp_is_private_has_a_random_name_and_is_found_again() {
        let (shared, state, other) =
            (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(existing(state.path()).unwrap(), None);
        let path = make_in(shared.path(), state.path()).unwrap();
        assert_eq!(std::fs::symlink_metadata(&path).unwrap().mode() & 0o7777, 0o700);
        assert_eq!(make_in(shared.path(), state.path()).unwrap(), path);
        assert_eq!(existing(state.path()).unwrap().as_deref(), Some(&*path));
        assert_ne!(make_in(shared.path(), other.path()).unwrap(), path, "names are random");
        std::fs::remove_dir(&path).unwrap();
        assert_eq!(existing(state.path()).unwrap(), None);
        assert_eq!(make_in(shared.path(), state.path()).unwrap(), path, "made again after a restart");
    }

    #[test]
    fn i3_a_directory_in_tmp_that_others_control_is_not_used() {
        let (shared, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = make_in(shared.path(), state.path()).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::remove_dir(&first).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), &first).unwrap();
        assert_eq!(existing(state.path()).unwrap(), None);
        let second = make_in(shared.path(), state.path()).unwrap();
        assert_ne!(second, first);
        std::fs::set_permissions(&second, Permissions::from_mode(0o755)).unwrap();
        assert_eq!(existing(state.path()).unwrap(), None, "others can enter it");
        let third = make_in(shared.path(), state.path()).unwrap();
        assert_ne!(third, second);
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&third, Some(65534), Some(65534)).unwrap();
            assert_eq!(existing(state.path()).unwrap(), None, "it is another user's");
            assert_ne!(make_in(shared.path(), state.path()).unwrap(), third);
        }
    }
}
