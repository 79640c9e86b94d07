//! `vault merge`: merges item by item what git couldn't merge.

mod conflicts;
mod decide;
mod environments;
mod in_git;
mod report;

use crate::cli::generated::examples;
use crate::cli::unlocking::agent;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::credential;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::error::Kind;
use vault::vault::{ByAgent, Conflicted, Merge, Need, Session, Side, Subject, Unresolved};
use vault::{Error, Result};

/// Takes both sides of a conflicted vault from git, merges them item by item and writes the file. You decide by name
/// what both sides changed differently. `--ours` is this branch: what HEAD has, in a rebase the branch you rebase onto.
/// `--theirs` is the change being applied: in a rebase your own commit. Nothing is written until everything is decided.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault merge" => "Merge what git couldn't",
    "vault merge --ours 'prod/*' --theirs dev/PORT" => "Decide conflicts by name",
})]
pub struct Args {
    /// Merge these files instead: BASE OURS THEIRS, with -o
    #[arg(value_name = "FILE", num_args = 3, requires = "output")]
    files: Vec<PathBuf>,
    /// Write the merged vault to this file
    #[arg(long, short, value_name = "FILE", requires = "files")]
    output: Option<PathBuf>,
    /// Merge what the vault had at this commit into the file, if a merge or a revert dropped it
    #[arg(long, value_name = "COMMIT", conflicts_with = "files")]
    from: Option<String>,
    /// Take this branch's side of NAME, of ENV/NAME, or of ENV/*: everything in ENV, including whether ENV is kept
    #[arg(long, value_name = "NAME")]
    ours: Vec<Subject>,
    /// Take the side of the change being applied, for the same kinds of names
    #[arg(long, value_name = "NAME")]
    theirs: Vec<Subject>,
    /// Give this item a new value: typed, or read from standard input
    #[arg(long, value_name = "NAME")]
    set: Vec<String>,
    /// Restore this branch's file as it was before the merge
    #[arg(long, conflicts_with_all = ["files", "from", "ours", "theirs", "set"])]
    abort: bool,
    /// With --abort: don't ask whether to drop what was merged and saved
    #[arg(long, short, requires = "abort")]
    yes: bool,
    /// Run as the merge driver of git: BASE OURS THEIRS PATH and their labels; the result replaces OURS
    #[arg(long, hide = true, num_args = 4..=7, allow_hyphen_values = true, value_name = "FILE", conflicts_with_all = ["files", "from", "abort"])]
    driver: Vec<OsString>,
}

impl Args {
    /// Returns what a side is taken for, with the side.
    fn sides(&self) -> impl Iterator<Item = (&Subject, Side)> {
        let ours = self.ours.iter().map(|subject| (subject, Side::Ours));
        ours.chain(self.theirs.iter().map(|subject| (subject, Side::Theirs)))
    }
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if let [base, ours, theirs, path, labels @ ..] = &args.driver[..] {
        let merged = drive([base, ours, theirs].map(Path::new), Path::new(path), labels, args, context);
        // git takes every small exit code for a conflict; 1 is the one it expects.
        return merged.map_err(|error| error.because(Kind::Failed));
    }
    if let [base, ours, theirs] = &args.files[..] {
        let output = args.output.clone().unwrap_or_default();
        let merge = Merge::of_files([base, ours, theirs].map(PathBuf::as_path), &output, &context.settings()?)?;
        self::merge(merge, args, context)?;
        context.ui.done(&format!("Merged into {}.", output.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let path = context.path()?;
    if let Some(commit) = &args.from {
        let merge = Merge::of_commit(&context.vault_of_any_age()?, commit, &context.settings()?)?;
        self::merge(merge, args, context)?;
        context.ui.done(&format!("Merged {} with what it was at {commit}.", report::file_name(&path)));
        return Ok(ExitCode::SUCCESS);
    }
    let conflicted = Conflicted::find(&path)?;
    if args.abort {
        return in_git::abort(&conflicted, &path, args.yes, context);
    }
    merge_conflict(&conflicted, &path, args, context)
}

/// Merges the file if git couldn't.
fn merge_conflict(conflicted: &Conflicted, path: &Path, args: &Args, context: &Context) -> Result<ExitCode> {
    let name = report::file_name(path);
    match conflicted.unresolved(&context.settings()?)? {
        Unresolved::Nothing => {
            let named = args.sides().map(|(subject, _)| subject.to_string()).chain(args.set.iter().cloned());
            if let Some(named) = named.into_iter().next() {
                return Err(Error::not_found(format!("{named} is not in conflict: {name} is merged"))
                    .hint("to change an item: vault set, vault rm"));
            }
            context.ui.done(&format!("{name} is not in conflict: there is nothing to merge."));
            return Ok(ExitCode::SUCCESS);
        }
        Unresolved::Merged => {
            context.ui.done(&format!("{name} is already merged; to merge it again: vault merge --abort."));
        }
        Unresolved::Sides(merge) => {
            self::merge(*merge, args, context)?;
            context.ui.done(&format!("Merged {name}."));
        }
    }
    context.ui.hint(&in_git::next_command(conflicted, path));
    Ok(ExitCode::SUCCESS)
}

/// Runs as git's merge driver (gitattributes(5)).
fn drive(files: [&Path; 3], path: &Path, labels: &[OsString], args: &Args, context: &Context) -> Result<ExitCode> {
    let merge = Merge::of_driver(files, path, labels, &context.settings()?)?;
    self::merge(merge, args, context)?;
    Ok(ExitCode::SUCCESS)
}

fn merge(mut merge: Merge, args: &Args, context: &Context) -> Result<()> {
    environments::decide(&mut merge, args, context)?;
    let report = report::Report::new(&merge);
    let session;
    let opened = match merge.without_key()? {
        Some(opened) => opened,
        None => {
            session = merge.unlocked(&mut |side, need| unlock(&merge, side, need, context))?;
            merge.open(&session)?
        }
    };
    let mut decisions = opened.decisions();
    opened.doubts().for_each(|doubt| context.ui.alarm(doubt));
    decide::decide(&mut decisions, &opened, &merge, args, context)?;
    // The report comes after the save, so that it is true.
    let missing = decisions.save()?;
    report.print(&opened, &decisions, &missing, context);
    if let Some(session) = opened.session() {
        context.show_warnings(session.vault());
    }
    Ok(())
}

/// Unlocks a side.
fn unlock(merge: &Merge, side: Side, need: Need, context: &Context) -> Result<Session> {
    let open = || Ok(merge.vault(side));
    if !credential::source(&context.globals)?.is_terminal() {
        return context.unlocked_again(open()?, need, &open).map(|(session, _)| session.into());
    }
    let by_agent = match need {
        Need::Session => agent::session(context, open()?.into())?,
        Need::Identity => ByAgent::Locked(open()?.into()),
    };
    match by_agent {
        ByAgent::Unlocked(session) => context.begin(session),
        ByAgent::Locked(_) if !merge.may_ask() || !context.is_interactive() => Err(merge.locked()),
        ByAgent::Locked(file) => {
            let (session, _) = context.unlocked_again(file.prove_of_any_age()?, need, &open)?;
            agent::keep(context, &session);
            Ok(session.into())
        }
    }
}
