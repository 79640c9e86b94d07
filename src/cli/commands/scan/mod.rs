//! `vault scan`: looks for the vault's values in files, in git's index, and in its history.

mod hook;
mod report;
mod values;

use crate::cli::generated::examples;
use crate::cli::unlocking::context::{Context, current_directory};
use report::Report;
use std::path::PathBuf;
use std::process::ExitCode;
use values::Values;
use vault::actions::scan::{Ignore, Texts};
use vault::error::Reason;
use vault::git::{Git, InRepository};

use vault::{Error, Result};

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
    if args.staged || args.all_vaults {
        repository()?;
    }
    let (repositories, here) = (histories(args)?, [PathBuf::from(".")]);
    let Values { sought, vaults } = values::read(args, context)?;
    let (vaults, git): (Vec<_>, _) = (vaults.iter().map(PathBuf::as_path).collect(), Git::of_the_caller());
    let texts = match args {
        Args { staged: true, .. } => Texts::Staged(&git),
        Args { history: true, .. } => Texts::History(&repositories),
        Args { paths, .. } => Texts::Files { paths: if paths.is_empty() { &here } else { paths }, vaults: &vaults },
    };
    let mut report = Report::new(sought.counts(), context);
    let outcome = sought.search(&texts, &ignore, &mut |event| report.hear(event))?;
    report.finish(&outcome)
}

/// Returns the repositories whose history is scanned. Each path's history is in its own repository.
fn histories(args: &Args) -> Result<Vec<InRepository>> {
    if !args.history {
        return Ok(Vec::new());
    }
    let repositories = vault::git::by_repository(&args.paths);
    if repositories.iter().any(|part| part.at.as_os_str().is_empty()) {
        repository()?;
    }
    Ok(repositories)
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

/// Returns the current repository.
fn repository() -> Result<Git> {
    let git = Git::of_the_caller();
    match git.is_shallow() {
        Err(error) if error.reason() == Reason::NotARepository => {
            Err(Error::failed("this is not a git repository").hint("to scan files, name them: vault scan PATH"))
        }
        found => found.map(|_| git),
    }
}
