//! The agent's own process: in its own session, without a terminal, and with nothing of its starter.

use super::arguments::{Arguments, unknown};
use super::server::serve;
use super::sockets::Sockets;
use super::start::{Program, READY, cannot};
use crate::error::Result;
use crate::{hardening, settings};
use rustix::process::{Resource, Rlimit};
use std::ffi::OsString;
use std::io::Read;

/// Becomes the agent that [`KeySession::start_agent`](crate::vault::KeySession::start_agent) starts. The [`Program`] calls
/// this before it starts a thread or opens a file, with the arguments that follow its own. Then it ends.
///
/// The agent keeps no descriptor, directory or variable of its starter. It has a session of its own, writes no core dump,
/// and refuses debuggers.
///
/// # Errors
/// If the arguments are not those of an agent, the keys can't be read or kept out of swap, or another agent runs there.
pub fn run(given: &[OsString]) -> Result<()> {
    hardening::start("the agent", || 1);
    hardening::close_inherited();
    let Some(Arguments { limits, path }) = Arguments::read(given)? else {
        // The starter may become a command, which must not find a child that it never started.
        let mut agent = Program::this(std::env::args_os().skip(1))?.command();
        agent.arg(Arguments::detached());
        return agent.spawn().map(drop).map_err(|error| cannot(&error));
    };
    // This fails only for the leader of a process group, which a new child is not.
    let _ = rustix::process::setsid();
    #[cfg(target_os = "macos")]
    hardening::deny_debuggers();
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(Resource::Core, none);
    // The starter has checked or made it. Without its variables, this process could not find the state directory.
    let runtime = settings::runtime_directory().ok_or_else(unknown)?;
    serve(&Sockets::new(&runtime)?, Standard, &path, limits, detach, || std::process::exit(0))
}

/// Tells the starter that the agent listens, passes on the warning, and closes the starter's pipes.
fn detach(warning: Option<&'static str>) {
    let _ = rustix::io::write(rustix::stdio::stderr(), warning.unwrap_or_default().as_bytes());
    let _ = rustix::io::write(rustix::stdio::stdout(), READY.as_bytes());
    if let Ok(null) = std::fs::File::options().read(true).write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdin(&null);
        let _ = rustix::stdio::dup2_stdout(&null);
        let _ = rustix::stdio::dup2_stderr(&null);
    }
}

/// Standard input without a buffer, which would hold a copy of the keys.
struct Standard;

impl Read for Standard {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        Ok(rustix::io::read(rustix::stdio::stdin(), buffer)?)
    }
}
