//! Places: where state, the personal vault and short-lived files are kept.

use super::Variable;
use crate::error::{Error, Result};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// The user's home directory: HOME, else what the system's user list says. A HOME that is not absolute is none.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

/// The directory for temporary files.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn temporary_directory() -> PathBuf {
    std::env::temp_dir()
}

/// The user's directory for sockets, if there is one (XDG Base Directory Specification): the one that is named, unless the
/// name outlived its directory. Where none is, the one that systemd makes for each user (pam_systemd(8)): a git hook that an
/// IDE runs, or a job of cron, may lack the variable, and is to find the same agent. macOS has no such variable, and a
/// temporary directory for each user instead.
#[must_use]
pub fn runtime_directory() -> Option<PathBuf> {
    let named = Variable::Runtime.filled().map(PathBuf::from);
    if let Some(named) = named.filter(|named| !named.is_absolute() || named.exists()) {
        return Some(named);
    }
    if cfg!(target_os = "macos") {
        return Some(temporary_directory());
    }
    let user = rustix::process::geteuid().as_raw();
    let usual = PathBuf::from(format!("/run/user/{user}"));
    let is_private = |metadata: Metadata| metadata.is_dir() && metadata.uid() == user && metadata.mode() & 0o077 == 0;
    std::fs::symlink_metadata(&usual).is_ok_and(is_private).then_some(usual)
}

/// The state directory: VAULT_STATE_DIR, else systemd's STATE_DIRECTORY, else the user's own (XDG).
///
/// # Errors
/// If what is named is not absolute, or nothing is named and there is no home directory.
pub fn state_directory() -> Result<PathBuf> {
    if let Some(directory) = Variable::StateDirectory.filled() {
        return absolute(PathBuf::from(directory), Variable::StateDirectory);
    }
    if let Some(directories) = Variable::ServiceState.filled() {
        // systemd.exec(5): several are joined by colons.
        let first = std::env::split_paths(&directories).next().unwrap_or_default();
        return absolute(first, Variable::ServiceState);
    }
    let directories = directories::ProjectDirs::from("", "", "vault");
    let state = directories.map(|all| all.state_dir().unwrap_or_else(|| all.data_local_dir()).to_owned());
    state.filter(|state| state.is_absolute()).ok_or_else(|| no_home("the access log and what this device has seen"))
}

/// The personal vault, which is in the user's data directory.
///
/// # Errors
/// If there is no home directory.
pub fn personal_vault() -> Result<PathBuf> {
    let directories = directories::ProjectDirs::from("", "", "vault");
    let data = directories.map(|all| all.data_dir().to_owned()).filter(|data| data.is_absolute());
    data.map(|data| data.join("personal.vault")).ok_or_else(|| no_home("the personal vault"))
}

fn absolute(path: PathBuf, variable: Variable) -> Result<PathBuf> {
    if path.is_absolute() {
        return Ok(path);
    }
    let name = variable.name();
    Err(Error::usage(format!("{name} is not an absolute path")).hint(format!("start it with /: {name}=/path/to/state")))
}

fn no_home(what: &str) -> Error {
    let why = match Variable::Home.filled() {
        Some(_) => "HOME is not an absolute path",
        None => "HOME is not set",
    };
    Error::failed(format!("there is no home directory for {what}: {why}"))
        .hint("set HOME, or name a permanent directory: VAULT_STATE_DIR=/path/to/state")
}
