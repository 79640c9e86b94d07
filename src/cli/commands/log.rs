//! `vault log`: shows who used what, when, and with what outcome.

mod archive;
mod cells;
mod days;
mod export;
mod follow;
mod missing;
mod read;
mod show;
mod stats;
mod verify;

use crate::cli::generated::examples;
use crate::cli::options::action::action;
use crate::cli::unlocking::context::Context;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::log::Action;
use vault::name::{NamedItem, UserName};
use vault::{Error, Result};

/// Shows who used what, and when, on this device. No value was handed out before its entry was written. On a terminal the
/// entries are grouped by day; in a pipe each is a plain line.
///
/// For an audit of one item over all logs that you have:
/// vault log show --item prod/KEY --all-users FILE...
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault log -n 20" => "Show the last 20 entries",
    "vault log --follow" => "Show entries as they are written",
})]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    follow: Follow,
}

/// The option to follow the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, clap::Args)]
struct Follow {
    /// Show the last 10 entries (or as many as -n says), then new ones as they are written. Ctrl-C ends it (exit code 130)
    #[arg(short, long)]
    follow: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show entries, as `vault log` does, or the entries of exported logs
    ///
    /// With FILEs, shows the entries of all of them in order of time, without duplicates. With --all-users, also shows
    /// the logs of all users on this device, and says at the end whose logs are missing.
    #[command(aliases = ["list", "ls"])]
    #[command(after_long_help = examples! {
        "vault log show --item prod/STRIPE_KEY --since 7d" => "Show who used an item in a week",
        "vault log show ana.log --json" => "Show an exported log, for a program",
    })]
    Show(ShowArgs),
    /// Count who did what, and when
    ///
    /// Draws bars on a terminal: users, actions, items, outcomes and times, which are hours, days or months. In a pipe each
    /// count is a plain line. Takes the filters of `vault log show`, and exported logs.
    #[command(after_long_help = examples! {
        "vault log stats" => "Count all uses",
        "vault log stats --since 30d --item prod/STRIPE_KEY" => "Count the uses of an item in a month",
    })]
    Stats(StatsArgs),
    /// Check that no entry is missing, added or changed
    #[command(after_long_help = examples! {
        "vault log verify" => "Check your log on this device",
        "vault log verify ana.log" => "Check an exported log",
    })]
    Verify(verify::Args),
    /// Write your log on this device into a file that only you and the admins can open
    ///
    /// An admin uses the file after somebody leaves or in an inquiry: `vault exposure NAME FILE`, `vault log show
    /// FILE`.
    ///
    /// With --for, an admin seals an exported log or an archive again, so that somebody who became an admin later can open it,
    /// too. The signature of the log's user stays.
    #[command(after_long_help = examples! {
        "vault log export -o mia.log" => "Write your log for the admins",
        "vault log export --for ben mia.log -o for-ben.log" => "Seal the exported log for a new admin",
    })]
    Export(export::Args),
    /// Move old entries out of your log on this device into a sealed file
    ///
    /// vault verifies the log first, then moves whole segments whose entries are all older. The newest segment always
    /// stays. The archive is sealed like an exported log, and an entry that you sign says that the segments were
    /// archived. Keep the archive: it has the only copy. `vault log verify ARCHIVE...` checks that archives and the log
    /// fit together.
    #[command(after_long_help = examples! {
        "vault log archive --before 2026-01-01 -o 2025.log" => "Move old entries into a file",
        "vault log show 2025.log" => "Show the entries in that file",
    })]
    Archive(archive::Args),
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// Files that `vault log export` or `vault log archive` has written; else your log on this device
    #[arg(conflicts_with = "of", value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    follow: Follow,
}

#[derive(Debug, clap::Args)]
struct StatsArgs {
    /// Files that `vault log export` or `vault log archive` has written; else your log on this device
    #[arg(conflicts_with = "of", value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    filter: Filter,
}

/// The options that choose logs on this device.
#[derive(Debug, Clone, Default, PartialEq, clap::Args)]
pub struct Whose {
    /// Read this user's log on this device; you can open entries that were written while you were an admin
    #[arg(long, value_name = "USER", add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::users))]
    pub of: Option<UserName>,
    /// Read the logs of all users on this device, and say whose logs are missing
    #[arg(long, conflicts_with = "of")]
    pub all_users: bool,
}

/// The options that choose entries.
#[derive(Debug, Clone, Default, PartialEq, clap::Args)]
pub struct Filter {
    /// Show only the last N entries
    #[arg(short = 'n', long = "last", value_name = "N")]
    pub last: Option<usize>,
    /// Show only entries since then: 2h, 7d, 2026-11-23, "2026-11-23 08:30" or 08:30, in local time
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Show only entries until then, in the same forms; a date includes the whole day
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Show only entries about this item; for ENV/NAME also entries about the whole environment
    #[arg(long, value_name = "NAME", add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    pub item: Option<NamedItem>,
    /// Show only this action: exec, get, set, ...
    #[arg(long, value_name = "ACTION", value_parser = action)]
    pub action: Option<Action>,
    #[command(flatten)]
    pub whose: Whose,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.command.is_some() && (args.filter != Filter::default() || args.follow.follow) {
        return Err(Error::usage("filters go after the subcommand").hint("for example: vault log show -n 1"));
    }
    match &args.command {
        Some(Command::Verify(args)) => verify::run(args, context),
        Some(Command::Show(args)) => show::run(&args.filter, &args.files, args.follow.follow, context),
        Some(Command::Export(args)) => export::run(args, context),
        Some(Command::Archive(args)) => archive::run(args, context),
        Some(Command::Stats(args)) => stats::run(&args.filter, &args.files, context),
        None => show::run(&args.filter, &[], args.follow.follow, context),
    }
}
