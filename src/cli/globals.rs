//! The options that every command takes.

use crate::cli::showing::ui::ColorChoice;
use clap::{Arg, ArgAction, ArgMatches};
use std::path::PathBuf;
use vault::log::GivenReason;
use vault::name::{EnvironmentName, UserName};

/// Options that every command takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Use this vault file (default: VAULT_FILE, or the nearest secrets.vault from here upward)
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "personal")]
    pub vault: Option<PathBuf>,
    /// Use your personal vault, which is in your data directory
    #[arg(long, global = true)]
    pub personal: bool,
    /// Act as this user, if several have a passphrase; or VAULT_USER
    #[arg(long, value_name = "NAME", global = true)]
    pub user: Option<UserName>,
    /// Print data and errors as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Print only data, errors, and warnings about what is left out or may have been rolled back
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Choose when to use colors
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, global = true)]
    pub color: ColorChoice,
    /// Never ask: fail if a question would be needed
    #[arg(long, global = true)]
    pub non_interactive: bool,
    /// Record in the access log why you do this
    #[arg(long, value_name = "TEXT", global = true, value_parser = GivenReason::new)]
    pub reason: Option<GivenReason>,
    /// Wait for the disk at every log entry; or VAULT_LOG_SYNC=1
    #[arg(long, global = true)]
    pub log_sync: bool,
    /// Fail instead of warning about an old file or an expired value; or VAULT_STRICT=1
    #[arg(long, global = true)]
    pub strict: bool,
    /// Unlock with the key in this file
    #[arg(long, value_name = "FILE", global = true)]
    pub key_file: Option<PathBuf>,
    /// Unlock with the passphrase read from this descriptor
    #[arg(long, value_name = "N", global = true)]
    pub passphrase_fd: Option<i32>,
    /// Unlock with the passphrase in this file
    #[arg(long, value_name = "FILE", global = true)]
    pub passphrase_file: Option<PathBuf>,
}

/// The argument for `-e` before the command.
pub const BEFORE: &str = "environment-before";
/// The argument for `-e` after the command.
pub const BEHIND: &str = "environment-behind";

/// Returns the option `-e`, which every command takes. Each of its two places needs its own argument.
pub fn environment_option(id: &'static str) -> Arg {
    Arg::new(id)
        .short('e')
        .long("env")
        .value_name("NAME")
        .action(ArgAction::Append)
        .value_delimiter(',')
        .value_parser(clap::value_parser!(EnvironmentName))
        .help_heading("Global options")
        .help("Use this environment (default: VAULT_ENV, else the only one you can read, else dev). Some commands take several")
        // clap numbers the options of a command as they are added, and this one is added at different times.
        .display_order(0)
}

/// Returns the environments that were named after the command.
pub fn environments_behind(matches: &ArgMatches) -> Option<Vec<EnvironmentName>> {
    given(matches, BEHIND)
}

/// Returns the environments that this argument names.
pub fn given(matches: &ArgMatches, id: &str) -> Option<Vec<EnvironmentName>> {
    matches.get_many(id).map(|names| names.cloned().collect())
}
