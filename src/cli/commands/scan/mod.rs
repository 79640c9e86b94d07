//! `vault scan`: looks for the vault's values in files, in git's index, and in its history.

mod hook;
mod report;
mod values;

use crate::cli::generated::examples;
use crate::cli::unlocking::context::{Context, current_directory};
use report::{Place, Report};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use values::Values;
use vault::error::Reason;
use vault::git::{Git, History, InRepository, Part, work_trees_above};
use vault::scan::{Ignore, LeftOut};
use vault::words::plural;
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
    let values = values::read(args, context)?;
    let searcher = values.sought.searcher();
    let mut report = Report::new(&searcher, &values, context);
    match args {
        Args { staged: true, .. } => staged(&ignore, &mut report)?,
        Args { history: true, paths, .. } => history(paths, &ignore, &mut report)?,
        Args { paths, .. } => files(paths, &values, &ignore, &mut report)?,
    }
    report.finish()
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

/// The paths that are left out in git's versions. The current `.vaultignore` of the working tree applies to all
/// commits.
struct Excluded {
    top: PathBuf,
    ignore: Ignore,
}

impl Excluded {
    fn read(directory: &Path, by_option: &Ignore) -> Result<Self> {
        let directory = directory.canonicalize().map_err(|error| Error::io("find", directory, &error))?;
        let top = work_trees_above(&directory).next().unwrap_or(&directory).to_owned();
        let mut ignore = Ignore::default();
        ignore.read(&top)?;
        Ok(Self { top, ignore: ignore.followed_by(by_option) })
    }

    fn has(&self, path: &str) -> bool {
        !self.ignore.is_empty() && self.ignore.leaves_out_file(&self.top, Path::new(path))
    }
}

fn files(paths: &[PathBuf], values: &Values, ignore: &Ignore, report: &mut Report<'_>) -> Result<()> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let vaults: Vec<_> = values.vaults.iter().map(PathBuf::as_path).collect();
    let left_out = vault::scan::read_named(paths, &vaults, ignore, &mut |path, text| {
        report.look(&Place::of_file(&path.to_string_lossy()), text)
    })?;
    report.left_out(&left_out);
    Ok(())
}

fn staged(ignore: &Ignore, report: &mut Report<'_>) -> Result<()> {
    let excluded = Excluded::read(Path::new("."), ignore)?;
    let mut left_out = LeftOut::default();
    let read = repository()?.staged(&mut |version, text| {
        if excluded.has(&version.path) {
            left_out.excluded += 1;
            return Ok(());
        }
        report.look(&Place::of_file(&version.path), Ok(text))
    })?;
    lacks(&read, report);
    report.left_out(&left_out);
    Ok(())
}

/// Scans each path's history in its own repository. A shallow clone is scanned as far as it goes.
fn history(paths: &[PathBuf], ignore: &Ignore, report: &mut Report<'_>) -> Result<()> {
    for part in vault::git::by_repository(paths) {
        if part.at.as_os_str().is_empty() {
            repository()?;
        }
        history_of(&part, ignore, report)?;
    }
    Ok(())
}

fn history_of(InRepository { git, at, paths }: &InRepository, ignore: &Ignore, report: &mut Report<'_>) -> Result<()> {
    if git.is_shallow()? {
        report.shallow(at);
    }
    let here = if at.as_os_str().is_empty() { Path::new(".") } else { at };
    let excluded = Excluded::read(here, ignore)?;
    let shown = |path: &str| at.join(path).to_string_lossy().into_owned();
    let mut left_out = HashSet::new();
    let read = git.history(paths, &mut |version, text| {
        let path = match version.part {
            Part::File => shown(&version.path),
            Part::Commit => "(commit)".to_owned(),
            Part::Tag => format!("(tag {})", version.path),
        };
        let content = (version.part == Part::File).then_some(version.id.as_str());
        // The same content may also be at a path that is not left out, and git names it only once.
        let is_reported = version.part != Part::File || !excluded.has(&version.path);
        if !is_reported {
            left_out.insert(version.path.clone());
        }
        report.look(&Place { path: &path, commit: version.commit.as_deref(), content, is_reported }, Ok(text))
    })?;
    lacks(&read, report);
    let found = report.take_contents();
    if !found.is_empty() {
        git.places(paths, &|id| found.contains_key(id), &mut |id, path, commit| {
            match excluded.has(path) {
                true => drop(left_out.insert(path.to_owned())),
                false => report.found_again(id, &found[id], &shown(path), commit)?,
            }
            Ok(())
        })?;
    }
    report.left_out(&LeftOut { excluded: left_out.len(), ..LeftOut::default() });
    note_submodules(git, report)
}

fn note_submodules(git: &Git, report: &mut Report<'_>) -> Result<()> {
    let submodules = git.submodules()?;
    if submodules > 0 {
        report.note(&format!(
            "Not scanned: the history of {}, which is in its own repository. To scan one, name it.",
            plural(submodules, "submodule")
        ));
    }
    Ok(())
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

/// Reports versions that a partial clone lacks, which could not be read.
fn lacks(read: &History, report: &mut Report<'_>) {
    if read.missing > 0 {
        report.lacking(read.missing);
    }
}
