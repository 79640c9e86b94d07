//! `vault scan`: whether values of the vault stand in files, in git's index or in its history.

mod hook;
mod report;

use crate::cli::showing::words::plural;
use crate::cli::unlocking::context::Context;
use report::Report;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::error::Reason;
use vault::git::{Git, History, InRepository, Part};
use vault::item::Kind;
use vault::log::Action;
use vault::name::EnvironmentName;
use vault::search::{IN_FILES, Searcher};
use vault::secret::SecretBytes;
use vault::vault::{Purpose, Session};
use vault::{Error, Result};

/// Looks for the current values of all environments that you may read, or of those named with -e, also quoted, escaped, in
/// base64, base32, hex or a dump, and for their lines, secret JSON and YAML fields and URL passwords. Prints where, and the item's name,
/// never the value. Exit code 1 if there is any, or if something could not be read. In a git work tree what git ignores is
/// left out, unless you name it. Variables and values of fewer than 6 bytes are not looked for.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files, directories and pipes, - for standard input; else this directory
    paths: Vec<PathBuf>,
    /// Look at what git's next commit changes instead
    #[arg(long, conflicts_with = "paths")]
    staged: bool,
    /// Look at every version of every file, or of those under PATH, in git's history instead
    #[arg(long, conflicts_with = "staged")]
    history: bool,
    /// Make git refuse commits that hold a value: write a pre-commit hook
    #[arg(long, conflicts_with_all = ["paths", "staged", "history"])]
    install_hook: bool,
}

/// The values that are looked for.
struct Values {
    names: Vec<(EnvironmentName, String)>,
    values: Vec<SecretBytes>,
    too_short: usize,
    /// Environments that can't be decrypted; a warning says why.
    unread: Vec<EnvironmentName>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if args.install_hook {
        return hook::install(context);
    }
    let session = context.session()?;
    let values = read(&session, context)?;
    let searcher = Searcher::new(values.values.iter().map(|value| &**value), IN_FILES);
    let mut report = Report::new(&searcher, &values, context);
    match args {
        Args { staged: true, .. } => staged(&mut report)?,
        Args { history: true, paths, .. } => history(paths, &mut report)?,
        Args { paths, .. } => files(paths, session.vault().path(), &mut report)?,
    }
    report.finish()
}

fn read(session: &Session, context: &Context) -> Result<Values> {
    let purpose = Purpose::new(Action::Scan);
    let opened = match context.named_environments() {
        [] => session.open_readable()?,
        // One that was named has to be readable.
        _ => context.environments(session)?.iter().map(|name| session.open(&purpose, name)).collect::<Result<_>>()?,
    };
    context.show_warnings(session.vault());
    let mut unread = session.readable();
    let is_open = |name: &EnvironmentName| opened.iter().any(|open| open.environment() == name);
    unread.retain(|name| context.named_environments().is_empty() && !is_open(name));
    let mut all = Values { names: Vec::new(), values: Vec::new(), too_short: 0, unread };
    for (environment, content) in session.compare_all(&purpose, opened)? {
        for item in content.items().values().filter(|item| item.metadata.kind != Kind::Variable) {
            if item.current.value.len() < IN_FILES.value {
                all.too_short += usize::from(!item.current.value.is_empty());
                continue;
            }
            all.names.push((environment.clone(), item.name.to_string()));
            all.values.push(item.current.value.clone());
        }
    }
    Ok(all)
}

fn files(paths: &[PathBuf], vault: &Path, report: &mut Report<'_>) -> Result<()> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let left_out =
        vault::scan::read_named(paths, vault, &mut |path, text| report.look(&path.to_string_lossy(), None, text))?;
    report.left_out(&left_out);
    Ok(())
}

fn staged(report: &mut Report<'_>) -> Result<()> {
    let git = repository()?;
    let read = git.staged(&mut |version, text| report.look(&version.path, None, Ok(text)))?;
    lacks(&read, report);
    Ok(())
}

/// Each path in the history of its own repository. A shallow clone is read as far as it goes.
fn history(paths: &[PathBuf], report: &mut Report<'_>) -> Result<()> {
    for InRepository { git, at, paths } in vault::git::by_repository(paths) {
        if at.as_os_str().is_empty() {
            repository()?;
        }
        history_of(&git, &paths, &at, report)?;
    }
    Ok(())
}

fn history_of(git: &Git, paths: &[PathBuf], at: &Path, report: &mut Report<'_>) -> Result<()> {
    if git.is_shallow()? {
        report.shallow(at);
    }
    let read = git.history(paths, &mut |version, text| {
        let place = match version.part {
            Part::File => at.join(&version.path).to_string_lossy().into_owned(),
            Part::Commit => "(commit)".to_owned(),
            Part::Tag => format!("(tag {})", version.path),
        };
        report.look(&place, version.commit.as_deref(), Ok(text))
    })?;
    lacks(&read, report);
    let submodules = git.submodules()?;
    if submodules > 0 {
        report.note(&format!(
            "Not scanned: the history of {}, which is in its own repository. To scan one, name it.",
            plural(submodules, "submodule")
        ));
    }
    Ok(())
}

/// The repository that this is about.
fn repository() -> Result<Git> {
    let git = Git::of_the_caller();
    match git.is_shallow() {
        Err(error) if error.reason() == Reason::NotARepository => {
            Err(Error::failed("this is no git repository").hint("to scan files, name them: vault scan PATH"))
        }
        found => found.map(|_| git),
    }
}

/// What a partial clone lacks was not read.
fn lacks(read: &History, report: &mut Report<'_>) {
    if read.missing > 0 {
        report.lacking(read.missing);
    }
}
