//! The agent's own process: this program, which the library makes an agent.

use std::ffi::OsString;
use std::process::ExitCode;
use vault::{Result, agent};

/// The agent's own process.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What the library gives to the agent that it starts
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    given: Vec<OsString>,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    #[cfg(all(target_os = "linux", target_env = "gnu", not(test)))]
    crate::cli::process::memory::give_memory_back();
    agent::run(&args.given)?;
    Ok(ExitCode::SUCCESS)
}
