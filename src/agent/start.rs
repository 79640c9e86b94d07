//! Starts the process of an agent, and gives it the keys.

use super::arguments::Arguments;
use super::limits::Limits;
use super::locked_memory::HandedOver;
use super::sockets::Sockets;
use crate::error::{Error, Result, reason};
use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The line that the agent's process prints once it listens.
pub(super) const READY: &str = "ready\n";

/// A program that becomes an agent: if it is started with these arguments, it calls [`run`](super::run) with those that
/// follow.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
}

impl Program {
    /// Returns the program of this process, with the arguments that tell it to become an agent.
    ///
    /// # Errors
    /// If its file can't be found.
    pub fn this<S: Into<OsString>>(arguments: impl IntoIterator<Item = S>) -> Result<Self> {
        let path = std::env::current_exe().map_err(|error| cannot(&error))?;
        Ok(Self { path, arguments: arguments.into_iter().map(Into::into).collect() })
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments);
        command
    }

    /// Starts the agent, which keeps these keys of the vault at `path`. Returns its warnings once it listens.
    ///
    /// # Errors
    /// If the program can't be started, or the agent reports an error.
    pub(crate) fn start(
        &self,
        sockets: &Sockets,
        limits: Limits,
        path: &Path,
        keys: &HandedOver,
    ) -> Result<Vec<String>> {
        // A socket, not a pipe: until the agent forbids it, another process of the same user could open a pipe by its
        // name in /proc and read the keys. A socket can't be opened that way.
        let (mut ours, theirs) = UnixStream::pair().map_err(|error| cannot(&error))?;
        let mut agent = self.spawn(sockets.runtime().as_os_str(), &Arguments::given(limits, path), theirs.into())?;
        // If this fails, the agent reports why.
        let _ = keys.write_to(&mut ours);
        drop(ours);
        let (mut answer, mut error) = (String::new(), String::new());
        if let Some(mut output) = agent.stdout.take() {
            output.read_to_string(&mut answer).map_err(|error| cannot(&error))?;
        }
        if let Some(mut output) = agent.stderr.take() {
            let _ = output.read_to_string(&mut error);
        }
        let _ = agent.wait();
        // What the program printed before it became the agent says nothing.
        if answer.ends_with(READY) {
            return Ok(error.lines().map(str::to_owned).collect());
        }
        let why = error.lines().next().map_or("it exited at once", |line| line.trim_start_matches("error: "));
        Err(Error::failed(format!("the agent did not start: {why}")))
    }

    fn spawn(&self, runtime: &OsStr, arguments: &[OsString], input: OwnedFd) -> Result<Child> {
        let mut agent = self.command();
        agent.args(arguments).current_dir("/").env_clear().env("XDG_RUNTIME_DIR", runtime);
        agent.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        agent.spawn().map_err(|error| cannot(&error))
    }
}

pub(super) fn cannot(error: &std::io::Error) -> Error {
    Error::failed(format!("the agent can't start: {}", reason(error)))
}
