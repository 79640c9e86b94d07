//! Programs that this one starts for itself. None of them gets the vault's own keys.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use vault::settings::{self, opens_a_vault};

/// A program without what opens the vault in its environment.
pub fn without_keys(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in settings::environment().filter(|(name, _)| opens_a_vault(name)) {
        command.env_remove(name);
    }
    command
}

/// A line for `sh -c`, with our standard error and nothing on its standard input.
pub fn shell(line: &OsStr) -> Command {
    let mut command = without_keys("sh");
    command.arg("-c").arg(line).stdin(Stdio::null()).stderr(Stdio::inherit());
    command
}

/// git in this directory, with none of the repository's programs run.
pub fn git(directory: &Path) -> Command {
    let mut command = without_keys("git");
    command.arg("-C").arg(directory).args(["-c", "core.fsmonitor=false", "--no-pager"]).stdin(Stdio::null());
    command
}
