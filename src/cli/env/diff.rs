//! `vault env diff`: where two environments differ; names, never values.

use crate::cli::context::Context;
use crate::cli::object::Diff;
use std::collections::BTreeSet;
use std::process::ExitCode;
use vault::item::Content;
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// The one environment
    a: EnvironmentName,
    /// The other
    b: EnvironmentName,
    /// End with exit code 1 if a name is in one of them only
    #[arg(long)]
    exit_code: bool,
}

pub fn diff(args: &DiffArgs, context: &Context) -> Result<ExitCode> {
    let DiffArgs { a, b, exit_code } = args;
    if a == b {
        return Err(Error::usage("this is one environment, not two").hint("name two; vault env list shows them"));
    }
    let session = context.session()?;
    let read = |name: &EnvironmentName| {
        let refused = |error| session.log_refusal(Entry::new(Action::EnvDiff).environment(name), error);
        session.read(name).map_err(refused)
    };
    let found = differences((a, &read(a)?), (b, &read(b)?));
    session.log([a, b].map(|name| Entry::new(Action::EnvDiff).environment(name)).to_vec())?;
    context.show_warnings(session.vault());
    let incomplete = found.iter().any(|difference| difference.only_in.is_some());
    if context.ui.json {
        context.ui.json(&found)?;
    } else {
        let row = |difference: &Diff| {
            let what =
                difference.only_in.as_ref().map_or("the values differ".to_owned(), |name| format!("only in {name}"));
            vec![difference.name.clone(), what]
        };
        context.ui.table(&["ITEM", "DIFFERENCE"], &found.iter().map(row).collect::<Vec<_>>())?;
        if found.is_empty() {
            context.ui.done(&format!("{a} and {b} hold the same."));
        }
    }
    Ok(ExitCode::from(u8::from(*exit_code && incomplete)))
}

fn differences((a, in_a): (&EnvironmentName, &Content), (b, in_b): (&EnvironmentName, &Content)) -> Vec<Diff> {
    let names: BTreeSet<_> = in_a.items().keys().chain(in_b.items().keys()).collect();
    let compare = |name: &ItemName| {
        let only_in = match (in_a.items().get(name), in_b.items().get(name)) {
            (Some(one), Some(other)) if one.current.value == other.current.value => return None,
            (Some(_), Some(_)) => None,
            (Some(_), None) => Some(a.to_string()),
            (None, _) => Some(b.to_string()),
        };
        Some(Diff { name: name.to_string(), only_in })
    };
    names.into_iter().filter_map(compare).collect()
}
