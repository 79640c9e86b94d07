//! A parsed command line.

use crate::cli::commands::Command;
use crate::cli::globals::Globals;
use vault::name::EnvironmentName;

/// A parsed command line.
pub struct Cli {
    pub globals: Globals,
    pub command: Option<Command>,
    /// The environments given with `-e`, in order.
    pub environments: Vec<EnvironmentName>,
}
