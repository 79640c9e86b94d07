//! `vault env copy`: many items at once, into an environment that is there or a new one.

use super::{check_may_add, grants};
use crate::cli::options::selection::{Selection, SelectionArgs};
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::item::{Content, Item};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::vault::Edit;
use vault::words::plural;
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
    /// They have the same value there, which is to be replaced here and not marked there.
    marked: Vec<Item>,
    same: usize,
}

pub fn copy(args: &CopyArgs, context: &Context) -> Result<ExitCode> {
    let CopyArgs { from, to, .. } = args;
    if from == to {
        return Err(Error::usage("this is one environment, not two").hint("name two; vault env list shows them"));
    }
    let mut session = context.session()?;
    session.vault().roster().state().environment(from)?;
    let exists = session.vault().environments().any(|name| name == to);
    if !exists && !args.dry_run && session.agent().is_some() {
        // A new environment changes the roster, which no agent signs.
        session = context.identity_session()?;
    }
    let planned = |edit: &mut Edit<'_>| {
        let there = if exists { edit.content(to)?.clone() } else { Content::default() };
        plan(edit.content(from)?, &there, args)
    };
    let attempt = [from, to].map(|of| Entry::new(Action::EnvCopy).environment(of));
    let plan = if args.dry_run {
        session.rehearse(&attempt, planned)?
    } else {
        session.edit(&attempt, |edit| {
            let plan = planned(edit)?;
            if !exists || plan.written().next().is_some() {
                attempt.iter().for_each(|entry| edit.log(entry.clone().items(plan.written())));
                write(edit, &plan, args, exists)?;
            }
            Ok(plan)
        })?
    };
    context.show_warnings(session.vault());
    context.ui.done(&summary(&plan, args, exists));
    Ok(ExitCode::SUCCESS)
}

impl Plan {
    /// What is to be changed there.
    fn written(&self) -> impl Iterator<Item = &ItemName> {
        self.added.iter().chain(&self.changed).chain(&self.marked).map(|item| &item.name)
    }
}

fn plan(from: &Content, to: &Content, args: &CopyArgs) -> Result<Plan> {
    let selection = Selection::new(&args.selection)?;
    let taken: Vec<_> = from.items().values().filter(|item| selection.takes(item.name.as_str())).collect();
    selection.check_names()?;
    let mut plan = Plan::default();
    for item in taken {
        match to.items().get(&item.name) {
            None => plan.added.push(item.clone()),
            Some(there) if there.current.value == item.current.value => {
                plan.same += 1;
                let known = item.current.rotate_due.is_some() && there.current.rotate_due.is_none();
                plan.marked.extend(known.then(|| item.clone()));
            }
            Some(_) if args.force => plan.changed.push(item.clone()),
            Some(_) => plan.kept.push(item.name.clone()),
        }
    }
    Ok(plan)
}

/// Copies start with a history of their own.
fn write(edit: &mut Edit<'_>, plan: &Plan, CopyArgs { to, .. }: &CopyArgs, exists: bool) -> Result<()> {
    let (now, user) = (edit.now(), edit.user());
    if !exists {
        check_may_add(edit, to)?;
        edit.add_environment(to, grants(user, false, edit.roster()))?;
        edit.log(Entry::new(Action::EnvAdd).environment(to));
    }
    let content = edit.content_mut(to)?;
    for item in plan.added.iter().chain(&plan.changed) {
        content.set_copy(&item.name, item, user, now)?;
    }
    plan.marked.iter().for_each(|item| content.copy_mark(&item.name, item));
    Ok(())
}

fn summary(plan: &Plan, args: &CopyArgs, exists: bool) -> String {
    let Plan { added, changed, kept, marked, same } = plan;
    let CopyArgs { from, to, .. } = args;
    let verb = if args.dry_run { "Would copy" } else { "Copied" };
    let new = if exists { "" } else { " (new)" };
    let mut parts = vec![format!("{verb} {} from {from} to {to}{new}", plural(added.len() + changed.len(), "item"))];
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
    if !marked.is_empty() {
        parts.push(format!("to be replaced there, too: {}", names(marked)));
    }
    if *same > 0 {
        parts.push(format!("{same} the same already"));
    }
    format!("{}.", parts.join("; "))
}
