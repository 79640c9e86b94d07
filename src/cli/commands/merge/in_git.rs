//! What to type around a merge in git: to go back, and to go on.

use super::report;
use crate::cli::showing::words::from_here;
use crate::cli::unlocking::context::Context;
use std::path::Path;
use std::process::ExitCode;
use vault::vault::{Agreed, Conflicted};
use vault::{Error, Result};

/// Restores this branch's file. Asks first if that drops a merge, which may have been changed since.
pub fn abort(conflicted: &Conflicted, path: &Path, yes: bool, context: &Context) -> Result<ExitCode> {
    let (abort, name) = (conflicted.abort()?, report::file_name(path));
    let question = format!("{name} is merged. Drop the merge, and whatever was saved since?");
    if abort.drops_changes() && !yes && !context.confirm(&question)? {
        return Err(Error::failed("nothing was dropped").hint("only y or yes drops it; -y skips the question"));
    }
    Agreed::to(abort).save()?;
    context.ui.done(&format!("{name} is back as this branch has it, without anything from the merge."));
    let abort =
        conflicted.operation().map(|operation| format!("; to give up all of it: git {} --abort", operation.word()));
    context.ui.hint(&format!("to merge it after all: vault merge{}", abort.unwrap_or_default()));
    Ok(ExitCode::SUCCESS)
}

/// Returns what to type after the merge.
pub fn next_command(conflicted: &Conflicted, path: &Path) -> String {
    let file = from_here(path);
    if !conflicted.is_in_index() {
        return format!("git add {file}, then commit it");
    }
    match conflicted.operation() {
        Some(operation) => format!("git add {file} && git {} --continue", operation.word()),
        None => format!("git add {file}"),
    }
}
