//! Programs that this one starts for itself. None of them gets the vault's own keys.

use std::ffi::OsStr;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use vault::settings::{self, opens_a_vault};
use vault::{Error, Result, redact};
use zeroize::Zeroizing;

/// A program without what opens the vault in its environment.
pub fn without_keys(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in settings::environment().filter(|(name, _)| opens_a_vault(name)) {
        command.env_remove(name);
    }
    command
}

/// Where a program is that this one starts by its name. A directory of PATH that depends on where we are may be anybody's, and
/// is not looked into.
pub fn find(name: &str) -> Option<PathBuf> {
    let directories = settings::Variable::Path.value().unwrap_or_default();
    let paths = std::env::split_paths(&directories).filter(|directory| directory.is_absolute());
    paths.map(|directory| directory.join(name)).find(|path| is_program(path))
}

/// Whether a file can be executed by somebody.
pub fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// A line for `sh -c`, with our standard error and nothing on its standard input. `what` is where the line was given.
///
/// # Errors
/// As [`check_line`].
pub fn shell(line: &OsStr, what: &str) -> Result<Command> {
    check_line(line, what)?;
    let mut command = without_keys("sh");
    command.arg("-c").arg(line).stdin(Stdio::null()).stderr(Stdio::inherit());
    Ok(command)
}

/// Refuses a key in the place of a line for `sh`, which would print it as the name of a command that it doesn't find.
pub fn check_line(line: &OsStr, what: &str) -> Result<()> {
    match redact::is_key(&line.to_string_lossy()) {
        true => Err(Error::usage(format!("{what} is a key, not a command")).of_a_key()),
        false => Ok(()),
    }
}

/// Runs a program and gives what it prints on standard output, in memory that is wiped: `Command::output` leaves copies
/// where its buffer grew. Of more than `limit` bytes, `limit` and one are read, and the program ends by SIGPIPE.
pub fn printed(mut command: Command, limit: usize) -> std::io::Result<(ExitStatus, Zeroizing<Vec<u8>>)> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    // Room for all of it at once.
    let mut printed = Zeroizing::new(Vec::with_capacity(limit + 2));
    if let Some(output) = child.stdout.take() {
        output.take(limit as u64 + 1).read_to_end(&mut printed)?;
    }
    Ok((child.wait()?, printed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_prints_is_read_into_one_place_and_no_further_than_wanted() {
        let print = |line: &str, limit| printed(shell(OsStr::new(line), "it").unwrap(), limit).unwrap();
        let (status, bytes) = print("printf 'hunter2\\n'", 100);
        assert!(status.success());
        assert_eq!((&**bytes, bytes.capacity()), (&b"hunter2\n"[..], 102));
        let (_, bytes) = print("exec cat /dev/zero", 5_000);
        assert_eq!((bytes.len(), bytes.capacity()), (5_001, 5_002), "the buffer has not moved");
        assert_eq!(print("exit 3", 1).0.code(), Some(3));
    }
}
