//! The state directory of a check that works without a home directory.

use crate::error::{Error, Kind, Result};
use crate::{fs, random, settings};
use std::path::{Path, PathBuf};

/// A state directory for a check of a file, which needs no key and no home directory.
#[derive(Debug)]
pub enum StateDirectory {
    /// The user's own.
    Users(PathBuf),
    /// One for this check: the user has none, or it belongs to somebody else.
    Temporary(Temporary),
}

/// A directory that is removed when this value is dropped.
#[derive(Debug)]
pub struct Temporary(PathBuf);

impl StateDirectory {
    /// Returns the user's state directory, or else a temporary one. What this device has seen does not count then.
    ///
    /// # Errors
    /// If a variable names the directory and its value can't be used; if there is neither directory, then why the user
    /// has none.
    pub fn or_temporary() -> Result<Self> {
        Self::choose(settings::state_directory(), &settings::temporary_directory())
    }

    fn choose(users: Result<PathBuf>, temporary: &Path) -> Result<Self> {
        let none = match users {
            Ok(directory) => match fs::check_state_directory(&directory) {
                Ok(()) => return Ok(Self::Users(directory)),
                Err(error) => error,
            },
            // A person who named a directory meant that one.
            Err(error) if error.kind() != Kind::Failed => return Err(error),
            Err(error) => error,
        };
        Temporary::make(temporary).map(Self::Temporary).map_err(|_: Error| none)
    }

    /// Returns the directory's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Users(path) | Self::Temporary(Temporary(path)) => path,
        }
    }
}

impl Temporary {
    fn make(parent: &Path) -> Result<Self> {
        let directory = parent.join(format!("vault-verify-{:016x}", random::number()?));
        fs::create_private_directory(&directory)?;
        Ok(Self(directory))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
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
        assert!(matches!(state, StateDirectory::Temporary(_)) && path.is_dir() && path.starts_with(parent.path()));
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
            assert!(matches!(&state, StateDirectory::Users(path) if path == users));
        }
        assert!(parent.path().exists());
        // A file in its place can't be read as a directory.
        let file = parent.path().join("file");
        std::fs::write(&file, "").unwrap();
        let state = StateDirectory::choose(Ok(file.join("state")), parent.path()).unwrap();
        assert!(matches!(state, StateDirectory::Temporary(_)));
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
