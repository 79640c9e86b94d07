//! Finds programs in PATH.

use super::{Variable, environment};
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Returns the directories of PATH, in order. A relative one depends on the current directory.
pub fn directories() -> impl Iterator<Item = PathBuf> {
    let path = Variable::Path.filled().unwrap_or_default();
    let directories: Vec<_> = std::env::split_paths(&path).collect();
    directories.into_iter().filter(move |_| !path.is_empty())
}

/// Returns the PATH that a command inherits. If several variables have this name, the command gets the last one, while
/// [`directories()`] has the first.
#[must_use]
pub fn inherited_path() -> Option<OsString> {
    environment().filter(|(name, _)| name == Variable::Path.name()).last().map(|(_, path)| path)
}

/// Returns the program that a shell, or git, starts by this name.
#[must_use]
pub fn started_as(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let name = name.as_ref();
    directories().map(|directory| directory.join(name)).find(|path| is_program(path))
}

/// Finds a program for vault to start. A relative directory is left out: anybody may have put programs into the current
/// directory.
#[must_use]
pub fn find(name: &str) -> Option<PathBuf> {
    let trusted = directories().filter(|directory| directory.is_absolute());
    trusted.map(|directory| directory.join(name)).find(|path| is_program(path))
}

/// Returns whether somebody may execute the file.
#[must_use]
pub fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_an_executable_file() {
        let shell = find("sh").unwrap();
        assert!(shell.is_absolute() && is_program(&shell) && started_as("sh").is_some());
        assert!(!is_program(Path::new("/")) && !is_program(Path::new("/etc/passwd")));
        assert_eq!(find("vault-test-no-such-program"), None);
    }
}
