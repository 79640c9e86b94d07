//! The command line that everything here is generated from.

/// Returns the whole command line: all commands with their options.
pub type Line = fn() -> clap::Command;
