//! The agent's own process: this program, in its own session and without a terminal.

use crate::cli::process::hardening;
use crate::cli::unlocking::agent::{READY, cannot, duration, sockets, this_program};
use rustix::process::{Resource, Rlimit};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use vault::Result;
use vault::agent::Limits;

/// The agent's own process.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long, value_parser = duration)]
    total: Duration,
    #[arg(long, value_parser = duration)]
    idle: Duration,
    /// This is the agent itself, and nobody's child
    #[arg(long)]
    detached: bool,
    /// The vault's file, for status and ps to show
    path: PathBuf,
}

/// Runs the agent in its own session, without a terminal. It keeps no descriptor, directory or variable of its starter.
pub fn run(args: &Args) -> Result<ExitCode> {
    hardening::close_inherited();
    if !args.detached {
        // The starter may become a command, which must not find a child that it never started.
        let mut agent = this_program()?;
        agent.args(std::env::args_os().skip(1)).arg("--detached");
        agent.spawn().map_err(|error| cannot(&error))?;
        return Ok(ExitCode::SUCCESS);
    }
    // This fails only for the leader of a process group, which a new child is not.
    let _ = rustix::process::setsid();
    #[cfg(all(target_os = "linux", target_env = "gnu", not(test)))]
    crate::cli::process::memory::give_memory_back();
    #[cfg(target_os = "macos")]
    hardening::deny_debuggers();
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = rustix::process::setrlimit(Resource::Core, none);
    let limits = Limits { total: args.total, idle: args.idle };
    vault::agent::serve(&sockets()?, Standard, &args.path, limits, detach, || std::process::exit(0))?;
    Ok(ExitCode::SUCCESS)
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
