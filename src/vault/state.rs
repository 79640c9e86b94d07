//! The state directory of a check that works without a home directory.

use crate::error::{Error, Kind, Result};
use crate::{fs, random, settings};
use std::path::{Path, PathBuf};

/// A state directory for a check of a file, which needs no key and no home directory.
#[derive(Debug)]
pub struct StateDirectory {
    path: PathBuf,
    /// Whether the directory is only for this check, because the user has none, or it belongs to somebody else. It is
    /// removed when this value is dropped.
    is_temporary: bool,
}

impl StateDirectory {
    /// Returns the user's state directory, or else a temporary one. What this device has seen does not count then.
    ///
    /// # Errors
    /// If a variable names the directory and its value can't be used; if there is neither directory, then why the user
    /// has none.
    pub(crate) fn or_temporary() -> Result<Self> {
        Self::choose(settings::state_directory(), &settings::temporary_directory())
    }

    fn choose(users: Result<PathBuf>, temporary: &Path) -> Result<Self> {
        let none = match users {
            Ok(directory) => match fs::check_state_directory(&directory) {
                Ok(()) => return Ok(Self { path: directory, is_temporary: false }),
                Err(error) => error,
            },
            // A person who named a directory meant that one.
            Err(error) if error.kind() != Kind::Failed => return Err(error),
            Err(error) => error,
        };
        Self::make_in(temporary).map_err(|_: Error| none)
    }

    /// Returns the directory's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn make_in(parent: &Path) -> Result<Self> {
        let path = parent.join(format!("vault-verify-{:016x}", random::number()?));
        fs::create_private_directory(&path)?;
        Ok(Self { path, is_temporary: true })
    }
}

impl Drop for StateDirectory {
    fn drop(&mut self) {
        if self.is_temporary {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_home() -> Result<PathBuf> {
        Err(Error::failed("there is no home directory"))
    }

    #[test]
    fn without_a_state_directory_there_is_one_for_the_time_of_the_check() {
        let parent = tempfile::tempdir().unwrap();
        let state = StateDirectory::choose(no_home(), parent.path()).unwrap();
        let path = state.path().to_owned();
        assert!(state.is_temporary && path.is_dir() && path.starts_with(parent.path()));
        std::fs::write(path.join("marks"), "seen").unwrap();
        drop(state);
        assert!(!path.exists());
    }

    #[test]
    fn the_users_directory_is_used_if_it_can_be_read_and_is_never_removed() {
        let parent = tempfile::tempdir().unwrap();
        let missing = parent.path().join("not made yet");
        for users in [parent.path(), &missing] {
            let state = StateDirectory::choose(Ok(users.to_owned()), parent.path()).unwrap();
            assert!(!state.is_temporary && state.path() == users);
        }
        assert!(parent.path().exists());
        // A file in its place can't be read as a directory.
        let file = parent.path().join("file");
        std::fs::write(&file, "").unwrap();
        let state = StateDirectory::choose(Ok(file.join("state")), parent.path()).unwrap();
        assert!(state.is_temporary);
    }

    #[test]
    fn a_directory_that_was_named_wrongly_is_an_error_and_the_first_reason_counts() {
        let parent = tempfile::tempdir().unwrap();
        let named = Err(Error::usage("VAULT_STATE_DIR is not an absolute path"));
        let error = StateDirectory::choose(named, parent.path()).unwrap_err();
        assert_eq!(error.to_string(), "VAULT_STATE_DIR is not an absolute path");
        let file = parent.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = StateDirectory::choose(no_home(), &file).unwrap_err();
        assert_eq!(error.to_string(), "there is no home directory");
    }
}
