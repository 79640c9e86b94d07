//! Becoming the command.

use rustix::io::Errno;
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use vault::Error;
use vault::error::reason;
use vault::name::{EnvironmentName, quoted};

const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;
/// Vault itself failed.
pub const FAILED: u8 = 125;

/// Replaces this program by the command; returns only if that fails, with the exit code.
///
/// The command is looked for as execvp(3) does, on the PATH that the command will have. A file without `#!` is run by
/// /bin/sh, as from a shell.
pub fn become_program(mut command: Command, known: &[EnvironmentName]) -> (u8, Error) {
    // Nothing can be found under an empty name, and the kernel would not say so.
    let error = match command.get_program().is_empty() {
        true => io::ErrorKind::NotFound.into(),
        false => command.exec(),
    };
    failure(&command, known, &error)
}

/// Why the command could not be started, with the exit code.
pub fn failure(command: &Command, known: &[EnvironmentName], error: &io::Error) -> (u8, Error) {
    if command.get_program().is_empty() {
        let error = Error::not_found("the command is an empty word");
        return (NOT_FOUND, error.hint("your shell expanded a variable that is not set"));
    }
    if let Some(hint) = hint_of_limit(error) {
        return (FAILED, Error::failed(format!("the command can't be started: {}", reason(error))).hint(hint));
    }
    let arguments: Vec<&OsStr> = command.get_args().collect();
    explain(command.get_program(), &arguments, known, error)
}

fn explain(program: &OsStr, arguments: &[&OsStr], known: &[EnvironmentName], error: &io::Error) -> (u8, Error) {
    let name = quoted(&program.to_string_lossy());
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => (NOT_FOUND, not_found(program, arguments, known)),
        io::ErrorKind::ArgumentListTooLong => {
            let error = Error::failed("the environment and the arguments are too large for the kernel");
            (FAILED, error.hint("choose with --only, or inherit less with --pristine"))
        }
        _ if Path::new(program).is_dir() => (NOT_EXECUTABLE, Error::failed(format!("command {name} is a directory"))),
        _ => {
            let error = Error::failed(format!("command {name} can't be executed: {}", reason(error)));
            (NOT_EXECUTABLE, error.hint("is it a program, and executable? chmod +x"))
        }
    }
}

/// What to do where the system had no room for another process or file: then it is not the command's fault.
pub fn hint_of_limit(error: &io::Error) -> Option<&'static str> {
    match Errno::from_io_error(error)? {
        Errno::MFILE => Some("too many files are open: close some, or raise the limit: ulimit -n 1024"),
        Errno::NFILE => Some("the whole system has too many files open: end some programs"),
        Errno::AGAIN => Some("too many processes run: end some, or raise the limit: ulimit -u"),
        Errno::NOMEM => Some("end some programs, or raise the limit: ulimit -v"),
        _ => None,
    }
}

fn not_found(program: &OsStr, arguments: &[&OsStr], known: &[EnvironmentName]) -> Error {
    let text = program.to_string_lossy();
    let name = quoted(&text);
    if Path::new(program).is_file() && text.contains('/') {
        return Error::not_found(format!("command {name} names an interpreter that is not there"))
            .hint("look at its first line, behind #!");
    }
    let error = Error::not_found(format!("command {name} not found"));
    if known.iter().any(|environment| *environment.as_str() == *text) {
        let rest = arguments.iter().skip_while(|argument| argument.as_encoded_bytes() == b"--");
        let rest: Vec<_> = rest.map(|argument| argument.to_string_lossy()).collect();
        let command = if rest.is_empty() { "CMD".to_owned() } else { rest.join(" ") };
        return error.hint(format!("to choose an environment: vault exec -e {text} -- {command}"));
    }
    if text.contains(' ') {
        return error
            .hint("the words of a command are separate arguments; for a shell line: vault exec -- sh -c '...'");
    }
    error.hint("look whether its name is right and its directory in PATH")
}
