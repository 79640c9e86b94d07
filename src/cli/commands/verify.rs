//! `vault verify`: checks every signature, right and version, without any key.

use crate::cli::generated::examples;
use crate::cli::unlocking::context::Context;
use std::path::Path;
use std::process::ExitCode;
use vault::Result;
use vault::vault::{Changes, InGit, Pending, Saved, Since};
use vault::view::Verification;
use vault::words::plural;

/// Checks that the file was written by users who may write it, and that it is no older than what this device has seen.
/// It needs no key and never asks: for reviews, CI and a pre-receive hook.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault verify" => "Check the file",
    "vault verify --since origin/main" => "Check what a branch changed",
})]
pub struct Args {
    /// Also check that no save of the file at this git revision is lost, verify the file of every commit since, and list who
    /// changed what
    #[arg(long, value_name = "REF")]
    since: Option<String>,
    /// Accept a vault that the revision does not have yet, or another one of that name in another directory
    #[arg(long, requires = "since")]
    new: bool,
    /// Accept that vault can't tell whether an environment follows the one at the revision: more than 63 saves lie
    /// between, and no commit links them
    #[arg(long, requires = "since")]
    accept_gap: bool,
    /// Verify the file of this git revision instead of the one in the work tree; also in a bare repository, where
    /// --vault is the path from the top. What this device has seen does not count
    #[arg(long, value_name = "REF", conflicts_with = "accept")]
    at: Option<String>,
    /// Accept exactly this file on this device, even though it is older or a fork; the refusal shows the hash
    #[arg(long, value_name = "HASH")]
    accept: Option<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    if let Some(reference) = &args.at {
        return run_at(reference, args, context);
    }
    if let Some(fingerprint) = &args.accept {
        context.vault_of_any_age()?.accept(fingerprint)?;
        context.ui.done("Accepted: this file now counts as the newest on this device.");
        return Ok(ExitCode::SUCCESS);
    }
    let verified = context.verified()?;
    let vault = verified.vault();
    context.show_warnings(vault);
    let changes = args.since(context).map(|since| vault.since(since)).transpose()?;
    let name = vault.path().file_name().map_or(vault.path(), Path::new).display().to_string();
    show(&name, &vault.saved()?, changes, context)
}

/// Verifies the file of a commit.
fn run_at(reference: &str, args: &Args, context: &Context) -> Result<ExitCode> {
    let path = match context.named_path()? {
        Some(path) => path,
        None => vault::vault::find(Path::new(".")).unwrap_or_else(|_| vault::vault::DEFAULT_NAME.into()),
    };
    let place = InGit::of_the_caller(&path)?;
    let (saved, changes) = place.verify_at(reference, args.since(context))?;
    show(&format!("{} at {reference}", place.path().display()), &saved, changes, context)
}

impl Args {
    fn since(&self, context: &Context) -> Option<Since<'_>> {
        self.since.as_deref().map(|reference| Since {
            reference,
            new: self.new,
            gap: self.accept_gap,
            strict: context.strict(),
        })
    }
}

fn show(name: &str, saved: &Saved, changes: Option<Changes>, context: &Context) -> Result<ExitCode> {
    changes.iter().flat_map(|changes| &changes.lacking).for_each(|warning| context.show_warning(warning));
    let changes = changes.map(|changes| changes.lines);
    if context.ui.json {
        context.ui.json(&Verification::new(saved, changes))?;
        return Ok(ExitCode::SUCCESS);
    }
    let roster = plural(saved.roster().head().version as usize, "roster change");
    let environments = plural(saved.environments().len(), "environment");
    context.ui.line(&format!("{name}: {roster}, {environments}, all signatures valid"))?;
    for Pending { name, is_for_good } in saved.pending() {
        let until = match is_for_good {
            false => "pending, until a writer saves it",
            true => "pending for good: nobody writes it any more; to remove it: vault env rm",
        };
        context.ui.line(&format!("{name}: {until}"))?;
    }
    for change in changes.iter().flatten() {
        context.ui.line(&format!("  {change}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
