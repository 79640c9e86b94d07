//! Replaces this process by the command.

use nix::unistd::execve;
use rustix::io::Errno;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use vault::Error;
use vault::actions::exec::Environment;
use vault::error::{limit_remedy, reason};
use vault::name::{EnvironmentName, quoted};

const NOT_FOUND: u8 = 127;
const NOT_EXECUTABLE: u8 = 126;
/// The exit code if vault itself failed.
pub const FAILED: u8 = 125;

/// Where programs are looked up if there is no PATH, as in execvp(3).
const DEFAULT_PATH: &str = "/bin:/usr/bin";
/// Runs a file that is no binary and has no `#!` line, as execvp(3) and shells do.
const SHELL: &CStr = c"/bin/sh";

/// Replaces this program by the command. This returns only if that fails, with the exit code.
///
/// Like execvp(3), this looks the program up in the PATH that the command will have.
pub fn become_program(words: &[OsString], environment: &Environment, known: &[EnvironmentName]) -> (u8, Error) {
    let error = execute(words, environment).into();
    failure(words, known, &error)
}

fn execute(words: &[OsString], environment: &Environment) -> Errno {
    reset_broken_pipes();
    let arguments: Result<Vec<CString>, _> = words.iter().map(|word| CString::new(word.as_bytes())).collect();
    let Ok(arguments) = arguments else { return Errno::INVAL };
    let variables = environment.texts();
    let mut failure = Errno::NOENT;
    for path in candidates(&words[0], environment.get("PATH")) {
        let Ok(path) = CString::new(path.into_os_string().as_bytes()) else { return Errno::INVAL };
        match execute_file(&path, &arguments, &variables) {
            // A later directory may hold one that can be executed.
            Errno::ACCESS => failure = Errno::ACCESS,
            Errno::NOENT | Errno::NOTDIR | Errno::STALE | Errno::NODEV | Errno::TIMEDOUT => {}
            error => return error,
        }
    }
    failure
}

/// Returns why the program can't be executed, as far as that can be known without trying. Without this check, the log
/// would say that values were handed out that reached nobody. execve(2) finds the other reasons.
pub fn unstartable(program: &OsStr, search: Option<&OsStr>) -> Option<io::Error> {
    let mut failure = Errno::NOENT;
    for path in candidates(program, search) {
        match executable(&path) {
            Ok(()) => return None,
            Err(Errno::ACCESS) => failure = Errno::ACCESS,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::STALE | Errno::NODEV | Errno::TIMEDOUT) => {}
            // execve finds out.
            Err(_) => return None,
        }
    }
    Some(failure.into())
}

/// Returns an error if the file can't be executed, or the interpreter that its first line names.
fn executable(path: &Path) -> Result<(), Errno> {
    use rustix::fs::{Access, access};
    access(path, Access::EXEC_OK)?;
    if path.is_dir() {
        return Err(Errno::ACCESS);
    }
    let mut line = [0; 256];
    let read = std::fs::File::open(path).and_then(|mut file| io::Read::read(&mut file, &mut line));
    let Some(rest) = line[..read.unwrap_or(0)].strip_prefix(b"#!") else { return Ok(()) };
    let rest = rest.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    match rest.split(u8::is_ascii_whitespace).next() {
        Some(interpreter) if interpreter.starts_with(b"/") => {
            Ok(access(Path::new(OsStr::from_bytes(interpreter)), Access::EXEC_OK)?)
        }
        _ => Ok(()),
    }
}

/// Returns the files that the program's name may mean. A name with a slash is a path. An empty name means nothing.
fn candidates(program: &OsStr, search: Option<&OsStr>) -> Vec<PathBuf> {
    if program.is_empty() {
        return Vec::new();
    }
    if program.as_bytes().contains(&b'/') {
        return vec![program.into()];
    }
    let search = search.unwrap_or(OsStr::new(DEFAULT_PATH));
    let directories = search.as_bytes().split(|byte| *byte == b':');
    directories.map(|directory| Path::new(OsStr::from_bytes(directory)).join(program)).collect()
}

fn execute_file(path: &CStr, arguments: &[CString], variables: &[&CStr]) -> Errno {
    let errno = |error: nix::errno::Errno| Errno::from_raw_os_error(error as i32);
    let Err(error) = execve(path, arguments, variables);
    if error != nix::errno::Errno::ENOEXEC {
        return errno(error);
    }
    let behind = arguments.iter().skip(1).map(CString::as_c_str);
    let script: Vec<&CStr> = [SHELL, path].into_iter().chain(behind).collect();
    let Err(error) = execve(SHELL, &script, variables);
    errno(error)
}

/// Restores the default action of SIGPIPE, so that a write to a pipe that nobody reads ends the command, as usual.
/// Rust's runtime ignores the signal. A handler is enough, because execve resets handlers to the default action. A
/// program that begins in `start` has one already.
fn reset_broken_pipes() {
    #[cfg(not(all(target_os = "linux", target_env = "gnu", not(any(test, rust_start)))))]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGPIPE, std::sync::Arc::default());
}

/// Explains why the command could not be started, with the exit code.
pub fn failure(words: &[OsString], known: &[EnvironmentName], error: &io::Error) -> (u8, Error) {
    let (program, arguments) = (&words[0], &words[1..]);
    if program.is_empty() {
        let error = Error::not_found("the command is empty");
        return (
            NOT_FOUND,
            error.hint("a variable that your shell expanded may be unset or empty: echo the line first"),
        );
    }
    if let Some(hint) = limit_remedy(error) {
        return (FAILED, Error::failed(format!("the command can't be started: {}", reason(error))).hint(hint));
    }
    explain(program, arguments, known, error)
}

fn explain(program: &OsStr, arguments: &[OsString], known: &[EnvironmentName], error: &io::Error) -> (u8, Error) {
    let name = quoted(&program.to_string_lossy());
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => (NOT_FOUND, not_found(program, arguments, known)),
        io::ErrorKind::ArgumentListTooLong => {
            let error = Error::failed("the environment and the arguments are too large for the kernel");
            (FAILED, error.hint("choose fewer items with --only, or inherit less with --pristine"))
        }
        _ if Path::new(program).is_dir() => (NOT_EXECUTABLE, Error::failed(format!("command {name} is a directory"))),
        _ => {
            let error = Error::failed(format!("command {name} can't be executed: {}", reason(error)));
            (NOT_EXECUTABLE, error.hint("is it a program? to make it executable: chmod +x"))
        }
    }
}

fn not_found(program: &OsStr, arguments: &[OsString], known: &[EnvironmentName]) -> Error {
    let text = program.to_string_lossy();
    let name = quoted(&text);
    if Path::new(program).is_file() && text.contains('/') {
        return Error::not_found(format!("the interpreter of command {name} does not exist"))
            .hint("look at its first line, after #!");
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
            .hint("the words of a command are separate arguments; for a line of shell: vault exec --command '...'");
    }
    error.hint("check its name, and that its directory is in PATH")
}

/// Returns the name of a command's program, for messages and for the log.
pub fn name_of(words: &[OsString]) -> String {
    let program = words.first().and_then(|program| Path::new(program).file_name());
    program.unwrap_or_default().to_string_lossy().into_owned()
}
