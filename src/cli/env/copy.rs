//! `vault env copy`: many items at once, into an environment that is there or a new one.

use super::{check_may_add, grants};
use crate::cli::context::Context;
use crate::cli::list::plural;
use crate::cli::selection::{Selection, SelectionArgs};
use std::process::ExitCode;
use vault::item::{Content, Item};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::vault::Edit;
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct CopyArgs {
    /// The environment whose items are copied
    from: EnvironmentName,
    /// Where to; it is added if it is not there
    to: EnvironmentName,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Also replace values that differ: each becomes a new version
    #[arg(long, short)]
    force: bool,
    /// Say what would be copied, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// What is to be done with the items.
#[derive(Default)]
struct Plan {
    added: Vec<Item>,
    changed: Vec<Item>,
    /// They have another value there, which stays.
    kept: Vec<ItemName>,
    same: usize,
}

pub fn copy(args: &CopyArgs, context: &Context) -> Result<ExitCode> {
    let CopyArgs { from, to, .. } = args;
    if from == to {
        return Err(Error::usage("this is one environment, not two"));
    }
    let mut session = context.session()?;
    session.vault().roster().state().environment(from)?;
    let exists = session.vault().environments().any(|name| name == to);
    let read = |name: &EnvironmentName| {
        let refused = |error| session.log_refusal(Entry::new(Action::EnvCopy).environment(name), error);
        session.read(name).map_err(refused)
    };
    let there = if exists { read(to)? } else { Content::default() };
    let plan = plan(&read(from)?, &there, args)?;
    let message = summary(&plan, args, exists);
    if args.dry_run {
        context.ui.done(&format!("Would have: {message}"));
        return Ok(ExitCode::SUCCESS);
    }
    if exists && plan.added.is_empty() && plan.changed.is_empty() {
        session.log(vec![Entry::new(Action::EnvCopy).environment(from)])?;
    } else {
        session.edit(|edit| write(edit, &plan, args, exists))?;
    }
    context.show_warnings(session.vault());
    context.ui.done(&message);
    Ok(ExitCode::SUCCESS)
}

fn plan(from: &Content, to: &Content, args: &CopyArgs) -> Result<Plan> {
    let selection = Selection::new(&args.selection)?;
    let taken: Vec<_> = from.items().values().filter(|item| selection.takes(item.name.as_str())).collect();
    selection.check_names()?;
    let mut plan = Plan::default();
    for item in taken {
        match to.items().get(&item.name) {
            None => plan.added.push(item.clone()),
            Some(there) if there.current.value == item.current.value => plan.same += 1,
            Some(_) if args.force => plan.changed.push(item.clone()),
            Some(_) => plan.kept.push(item.name.clone()),
        }
    }
    Ok(plan)
}

/// Copies start with a history of their own.
fn write(edit: &mut Edit<'_>, plan: &Plan, CopyArgs { from, to, .. }: &CopyArgs, exists: bool) -> Result<()> {
    let (now, user) = (edit.now(), edit.user());
    if !exists {
        check_may_add(edit, to)?;
        edit.add_environment(to, grants(user, false, edit.roster()))?;
        edit.log(Entry::new(Action::EnvAdd).environment(to));
    }
    let content = edit.content_mut(to)?;
    for item in plan.added.iter().chain(&plan.changed) {
        content.set(&item.name, item.current.value.clone(), &item.metadata, user, now)?;
    }
    let names = || plan.added.iter().chain(&plan.changed).map(|item| &item.name);
    edit.log(Entry::new(Action::EnvCopy).environment(from).items(names()));
    edit.log(Entry::new(Action::EnvCopy).environment(to).items(names()));
    Ok(())
}

fn summary(plan: &Plan, args: &CopyArgs, exists: bool) -> String {
    let Plan { added, changed, kept, same } = plan;
    let CopyArgs { from, to, .. } = args;
    let new = if exists { "" } else { " (new)" };
    let mut parts = vec![format!("Copied {} from {from} to {to}{new}", plural(added.len() + changed.len(), "item"))];
    let names = |items: &[Item]| items.iter().map(|item| item.name.to_string()).collect::<Vec<_>>().join(", ");
    if !added.is_empty() {
        parts.push(format!("added: {}", names(added)));
    }
    if !changed.is_empty() {
        parts.push(format!("replaced: {}", names(changed)));
    }
    if !kept.is_empty() {
        let kept: Vec<_> = kept.iter().map(ItemName::as_str).collect();
        parts.push(format!("left as they are there (--force replaces them): {}", kept.join(", ")));
    }
    if *same > 0 {
        parts.push(format!("{same} the same already"));
    }
    format!("{}.", parts.join("; "))
}
