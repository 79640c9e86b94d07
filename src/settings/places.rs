//! The paths of the state directory, the personal vault and short-lived files.

use super::Variable;
use crate::error::{Error, Remedy, Result};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// Returns the user's home directory: HOME, or else the one in the system's user database; `None` if it is not
/// absolute.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

/// Returns the directory for temporary files.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn temporary_directory() -> PathBuf {
    std::env::temp_dir()
}

/// Returns the user's directory for sockets, if there is one (XDG Base Directory Specification). A directory that the
/// variable names but that no longer exists is ignored. Without the variable, it is the directory that systemd creates
/// for each user (pam_systemd(8)): a git hook that an IDE runs, or a cron job, may lack the variable but must find the
/// same agent. macOS has no such variable, but a temporary directory for each user.
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

/// Returns the state directory: VAULT_STATE_DIR, else systemd's STATE_DIRECTORY, else the one in the user's home (XDG).
///
/// # Errors
/// If the path is not absolute, or if no variable names one and there is no home directory.
pub fn state_directory() -> Result<PathBuf> {
    if let Some(directory) = Variable::StateDirectory.filled() {
        return absolute(PathBuf::from(directory), Variable::StateDirectory);
    }
    if let Some(directories) = Variable::ServiceState.filled() {
        // systemd.exec(5): several directories are separated by colons.
        let first = std::env::split_paths(&directories).next().unwrap_or_default();
        return absolute(first, Variable::ServiceState);
    }
    let directories = directories::ProjectDirs::from("", "", "vault");
    let state = directories.map(|all| all.state_dir().unwrap_or_else(|| all.data_local_dir()).to_owned());
    state.filter(|state| state.is_absolute()).ok_or_else(|| no_home("the access log and what this device has seen"))
}

/// Returns the path of the personal vault, which is in the user's data directory.
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
        .hint(("set HOME, or name a permanent directory: ", Remedy::ChooseState))
}
