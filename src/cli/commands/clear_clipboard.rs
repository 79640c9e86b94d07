//! `vault clear-clipboard`: the process that `vault get --clip` leaves behind.

use crate::cli::clipboard::clearing;
use crate::cli::unlocking::agent::duration;
use std::process::ExitCode;
use std::time::Duration;
use vault::Result;

/// What vault get --clip starts
#[derive(Debug, clap::Args)]
pub struct Args {
    #[arg(long, value_parser = duration)]
    after: Duration,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    clearing::run(args.after)?;
    Ok(ExitCode::SUCCESS)
}
