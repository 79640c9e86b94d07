//! `vault scan`: looks for the vault's values in files, in git's index, and in its history.

mod hook;
mod report;
mod values;

use crate::cli::generated::examples;
use crate::cli::unlocking::context::{Context, current_directory};
use report::Report;
use std::path::PathBuf;
use std::process::ExitCode;
use vault::Result;
use vault::actions::scan::{Ignore, Texts};

/// Looks for the current values of all environments that you may read, or of those named with -e. A value is also found
/// if it is quoted, escaped, in base64, base32, hex or a dump. So are its lines, secret fields of JSON and YAML, and
/// passwords in URLs. Prints the place and the item's name, never the value. The exit code is 1 if anything was found or
/// could not be read. In a git work tree vault skips what git ignores, unless you name it, and what `.vaultignore` in
/// the top directory lists, with the rules of .gitignore. It does not look for variables, values of fewer than 6 bytes,
/// and well-known values such as localhost or postgres.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault scan" => "Look for values in this directory",
    "vault scan --install-hook" => "Make git refuse commits that hold a value",
})]
pub struct Args {
    /// Scan these files, directories and pipes; - for standard input (default: this directory)
    paths: Vec<PathBuf>,
    /// Scan the changes of git's next commit instead
    #[arg(long, conflicts_with = "paths")]
    staged: bool,
    /// Scan every version of every file in git's history instead, or of those under PATH
    #[arg(long, conflicts_with = "staged")]
    history: bool,
    /// Make git refuse commits that hold a value: write a pre-commit hook
    #[arg(long, conflicts_with_all = ["paths", "staged", "history"])]
    install_hook: bool,
    /// Look for the values of every vault in this git work tree, and of the vault that commands here use. Vaults never
    /// unlocked on this device are named and skipped
    #[arg(long)]
    all_vaults: bool,
    /// Skip paths that match this, like a line of .vaultignore, relative to the current directory
    #[arg(long, value_name = "GLOB")]
    ignore: Vec<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.install_hook {
        return hook::install(context);
    }
    let ignore = by_option(&args.ignore)?;
    let texts = texts(args)?;
    let sought = match args.all_vaults {
        true => values::of_every_vault(&texts, context)?,
        false => values::of_one_vault(context)?,
    };
    let mut report = Report::new(sought.counts(), context);
    let outcome = sought.search(&texts, &ignore, &mut |event| report.hear(event))?;
    report.finish(&outcome)
}

fn texts(args: &Args) -> Result<Texts> {
    match args {
        Args { staged: true, .. } => Texts::staged(),
        Args { history: true, paths, .. } => Texts::history(paths),
        Args { paths, .. } => Ok(Texts::files(paths.clone())),
    }
}

fn by_option(patterns: &[String]) -> Result<Ignore> {
    let mut ignore = Ignore::default();
    if patterns.is_empty() {
        return Ok(ignore);
    }
    let here = current_directory()?;
    patterns.iter().try_for_each(|pattern| ignore.add(&here, pattern))?;
    Ok(ignore)
}
