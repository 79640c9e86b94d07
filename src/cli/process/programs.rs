//! Programs that vault starts for itself. None of them gets the vault's keys.

use std::ffi::OsStr;
use std::io::Read as _;
use std::process::{Command, ExitStatus, Stdio};
use vault::secret::is_key;
use vault::settings::{self, opens_a_vault};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// Returns a command without the variables that open a vault in its environment.
pub fn without_keys(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in settings::environment().filter(|(name, _)| opens_a_vault(name)) {
        command.env_remove(name);
    }
    command
}

/// Returns a command that runs a line with `sh -c`. It writes to vault's standard error, and its standard input is
/// empty. `what` says in an error where the line was given.
///
/// # Errors
/// The same as for [`check_line`].
pub fn shell(line: &OsStr, what: &str) -> Result<Command> {
    check_line(line, what)?;
    let mut command = without_keys("sh");
    command.arg("-c").arg(line).stdin(Stdio::null()).stderr(Stdio::inherit());
    Ok(command)
}

/// Refuses a key in place of a line for `sh`. `sh` would print the key as the name of a command that it can't find.
pub fn check_line(line: &OsStr, what: &str) -> Result<()> {
    match is_key(&line.to_string_lossy()) {
        true => Err(Error::usage(format!("{what} is a key, not a command")).of_a_key()),
        false => Ok(()),
    }
}

/// Runs a program and returns its standard output in memory that is wiped. `Command::output` would leave copies where
/// its buffer grew. Reads at most `limit` and one bytes; then the program ends by SIGPIPE.
pub fn printed(mut command: Command, limit: usize) -> std::io::Result<(ExitStatus, Zeroizing<Vec<u8>>)> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    // Room for the whole output, so that the buffer doesn't move.
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
    fn a_programs_output_is_read_into_one_buffer_up_to_the_limit() {
        let print = |line: &str, limit| printed(shell(OsStr::new(line), "it").unwrap(), limit).unwrap();
        let (status, bytes) = print("printf 'hunter2\\n'", 100);
        assert!(status.success());
        assert_eq!((&**bytes, bytes.capacity()), (&b"hunter2\n"[..], 102));
        let (_, bytes) = print("exec cat /dev/zero", 5_000);
        assert_eq!((bytes.len(), bytes.capacity()), (5_001, 5_002), "the buffer must not have moved");
        assert_eq!(print("exit 3", 1).0.code(), Some(3));
    }
}
