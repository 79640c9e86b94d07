//! Runs git and reads what it prints.

use super::outside::is_outside;
use crate::error::{Error, Reason, Result, SystemStep, reason};
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// One run of git, which starts no program that the repository configures.
pub(super) struct Call {
    pub(super) command: Command,
    /// Where git looks for the repository, unless a variable names it.
    pub(super) sought_at: Option<PathBuf>,
}

impl Call {
    /// Returns the error for a call that failed. git has no exit code for the case that there is no repository.
    pub(super) fn refused(&self, stderr: &[u8]) -> Error {
        match self.sought_at.as_deref().is_some_and(is_outside) {
            true => Error::new(Reason::NotARepository, "this is not a git repository")
                .hint("run it in the repository of the vault, or make one: git init"),
            false => refusal(stderr),
        }
    }

    /// Returns everything that git prints.
    pub(super) fn output(mut self) -> Result<Vec<u8>> {
        let output = self.command.output().map_err(|error| cannot_run(&error))?;
        if output.status.success() { Ok(output.stdout) } else { Err(self.refused(&output.stderr)) }
    }

    /// Returns the one line that git prints, without its line break.
    pub(super) fn line(self) -> Result<Vec<u8>> {
        let mut line = self.output()?;
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        Ok(line)
    }

    /// Whether git exits with success.
    pub(super) fn succeeds(mut self) -> bool {
        self.command.output().is_ok_and(|output| output.status.success())
    }

    /// Returns what git prints for this input.
    pub(super) fn answer_to(mut self, input: &[u8]) -> Result<Vec<u8>> {
        let mut running = self.command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().map(Running);
        let running = running.as_mut().map_err(|error| cannot_run(error))?;
        if let Some(mut stdin) = running.0.stdin.take() {
            // git reads everything before it prints. If it has ended early, its exit status says so.
            let _ = stdin.write_all(input);
        }
        let mut answer = Vec::new();
        if let Some(stdout) = &mut running.0.stdout {
            stdout.read_to_end(&mut answer).map_err(|error| cannot_run(&error))?;
        }
        if running.is_successful() { Ok(answer) } else { Err(self.refused(b"")) }
    }

    pub(super) fn stdin(mut self, stdin: impl Into<Stdio>) -> Self {
        self.command.stdin(stdin);
        self
    }

    /// Discards git's error output. The exit status is enough.
    pub(super) fn without_stderr(mut self) -> Self {
        self.command.stderr(Stdio::null());
        self
    }

    pub(super) fn start(mut self) -> Result<Running> {
        self.command.spawn().map(Running).map_err(|error| cannot_run(&error))
    }
}

/// A running git process. Dropping the value stops it.
pub(super) struct Running(pub(super) Child);

impl Running {
    /// Waits for the process, and returns whether it succeeded.
    pub(super) fn is_successful(&mut self) -> bool {
        self.0.wait().is_ok_and(|status| status.success())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Killing fails if the process has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(super) fn cannot_run(error: &std::io::Error) -> Error {
    Error::failed(format!("cannot run git: {}", reason(error)))
        .hint(("check that git is installed: ", SystemStep::ShowGit))
}

/// Returns an error with git's own message. If git suggests a command, that is the hint.
pub(super) fn refusal(stderr: &[u8]) -> Error {
    let text = String::from_utf8_lossy(stderr);
    let lines = || text.lines().map(str::trim);
    let reason = lines().find(|line| line.starts_with("fatal: ") || line.starts_with("error: "));
    let reason = reason.or_else(|| lines().find(|line| !line.is_empty())).unwrap_or("it failed without saying why");
    let reason = reason.trim_start_matches("fatal: ").trim_start_matches("error: ");
    let error = Error::failed(format!("git: {reason}"));
    match lines().find(|line| line.starts_with("git config ")) {
        Some(command) => error.hint(format!("if you trust this repository: {command}")),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_gits_reason_and_the_command_git_names() {
        let owner =
            b"fatal: detected dubious ownership in repository at '/r'\nTo add an exception for this directory, \
                      call:\n\n\tgit config --global --add safe.directory /r\n";
        let error = refusal(owner);
        assert_eq!(error.to_string(), "git: detected dubious ownership in repository at '/r'");
        assert!(
            error.advice().unwrap().to_string().ends_with(": git config --global --add safe.directory /r"),
            "{error:?}"
        );
        let warned = b"warning: something else\nfatal: bad object refs/heads/x\n";
        assert_eq!(refusal(warned).to_string(), "git: bad object refs/heads/x");
        assert_eq!(refusal(b"").to_string(), "git: it failed without saying why");
    }
}
