//! The pre-commit hook that keeps values out of commits.

use crate::error::{Error, Result};
use crate::fs;
use crate::git::Git;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// The content of the hook, if vault installs it.
pub const HOOK: &str = "#!/bin/sh\n# Refuses commits that hold a value of a vault in this repository.\nexec vault scan --staged --all-vaults\n";

/// The command that another hook has to run.
pub const COMMAND: &str = "vault scan --staged --all-vaults || exit 1";

/// The longest hook that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// The state of the pre-commit hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There is no hook.
    None,
    /// The hook is vault's, or another one that searches for values as well.
    Scans,
    /// The hook searches for values, but git does not run it: it is not executable.
    Idle,
    /// The hook does not search for values.
    Other,
}

/// Returns the path of a repository's pre-commit hook, and its state.
///
/// # Errors
/// If git fails, for example because there is no repository.
pub(crate) fn find(git: &Git) -> Result<(PathBuf, State)> {
    let path = git.hooks()?.join("pre-commit");
    let Ok(metadata) = std::fs::metadata(&path) else {
        let state = if path.symlink_metadata().is_ok() { State::Other } else { State::None };
        return Ok((path, state));
    };
    let scans = metadata.is_file() && fs::read(&path, LONGEST).is_ok_and(|(text, _)| has_scan(&text));
    let state = match (scans, metadata.permissions().mode() & 0o111 != 0) {
        (true, true) => State::Scans,
        (true, false) => State::Idle,
        (false, _) => State::Other,
    };
    Ok((path, state))
}

/// Returns whether a line that is not a comment runs the scan.
fn has_scan(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    let is_run = |line: &str| line.contains("vault") && line.contains("scan") && line.contains("--staged");
    text.lines().map(str::trim_start).any(|line| !line.starts_with('#') && is_run(line))
}

/// Installs vault's hook if there is none. Returns its path, and whether it was written now.
///
/// # Errors
/// If there is another hook, which is left unchanged, or if the file can't be written.
pub(crate) fn install(git: &Git) -> Result<(PathBuf, bool)> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let directory = git.hooks()?;
    std::fs::create_dir_all(&directory).map_err(|error| Error::io("create", &directory, &error))?;
    let path = directory.join("pre-commit");
    if std::fs::read(&path).is_ok_and(|hook| hook == HOOK.as_bytes()) {
        return Ok((path, false));
    }
    if path.symlink_metadata().is_ok() {
        return Err(Error::failed(format!("another hook already exists: {}", path.display()))
            .hint(format!("add this line to it: {COMMAND}")));
    }
    let file = std::fs::File::options().write(true).create_new(true).mode(0o755).open(&path);
    file.and_then(|mut file| file.write_all(HOOK.as_bytes())).map_err(|error| Error::io("write", &path, &error))?;
    Ok((path, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_scans_if_an_uncommented_line_does() {
        assert!(has_scan(HOOK.as_bytes()) && has_scan(format!("#!/bin/sh\nlint\n  {COMMAND}\n").as_bytes()));
        assert!(has_scan(b"vault -q scan --all-vaults --staged"));
        assert!(!has_scan(b"#!/bin/sh\n# vault scan --staged\n") && !has_scan(b"vault scan .\n") && !has_scan(b""));
    }
}
