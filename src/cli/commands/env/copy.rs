//! `vault env copy`: copies many items to an existing or a new environment.

use crate::cli::options::names::AllowNames;
use crate::cli::options::selection::SelectionArgs;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::actions::env_copy::{Copy, Plan};
use vault::name::{EnvironmentName, ItemName};
use vault::words::plural;

#[derive(Debug, clap::Args)]
pub struct CopyArgs {
    /// The environment whose items are copied
    from: EnvironmentName,
    /// The destination; it is added if it does not exist
    to: EnvironmentName,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Also replace values that differ: each becomes a new version
    #[arg(long, short)]
    force: bool,
    /// Say what would be copied, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    allow: AllowNames,
}

pub fn copy(args: &CopyArgs, context: &Context) -> Result<ExitCode> {
    let CopyArgs { from, to, .. } = args;
    let (selection, allowed) = (args.selection.selection()?, args.allow.once());
    let copy = Copy {
        from,
        to,
        takes: &|name| selection.takes(name),
        check_names: &|| selection.check_names(),
        replaces: args.force,
        allowed: &allowed,
    };
    let mut session = context.session()?;
    let is_new = copy.is_new(session.vault())?;
    if !args.dry_run && !session.meets(copy.need(session.vault())?) {
        session = context.key_session()?.into();
    }
    let plan = if args.dry_run { copy.rehearse(&session)? } else { copy.save(&mut session)? };
    context.show_warnings(session.vault());
    context.ui.done(&summary(&plan, args, is_new));
    Ok(ExitCode::SUCCESS)
}

fn summary(plan: &Plan, args: &CopyArgs, is_new: bool) -> String {
    let CopyArgs { from, to, .. } = args;
    let verb = if args.dry_run { "Would copy" } else { "Copied" };
    let new = if is_new { " (new)" } else { "" };
    let count = plan.added().len() + plan.replaced().len();
    let mut parts = vec![format!("{verb} {} from {from} to {to}{new}", plural(count, "item"))];
    let mut list = |what: &str, names: Vec<&ItemName>| {
        if !names.is_empty() {
            let names: Vec<_> = names.into_iter().map(ItemName::as_str).collect();
            parts.push(format!("{what}: {}", names.join(", ")));
        }
    };
    list("added", plan.added().collect());
    list("replaced", plan.replaced().collect());
    list("left as they are there (--force replaces them)", plan.kept().collect());
    list("due for replacement there, too", plan.marked().collect());
    if plan.same() > 0 {
        parts.push(format!("{} already the same", plan.same()));
    }
    format!("{}.", parts.join("; "))
}
