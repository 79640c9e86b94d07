//! `vault env diff`: shows where two environments differ, by names and metadata but never by values.

use crate::cli::showing::differences::in_words;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::actions::env_diff;
use vault::name::EnvironmentName;
use vault::vault::ItemDifference;
use vault::view::ItemDiff;

#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// One environment
    a: EnvironmentName,
    /// The other
    b: EnvironmentName,
    /// End with exit code 1 if a name is in one of them only
    #[arg(long)]
    exit_code: bool,
}

pub fn diff(args: &DiffArgs, context: &Context) -> Result<ExitCode> {
    let DiffArgs { a, b, exit_code } = args;
    let session = context.session()?;
    let compared = env_diff::compare(&session, a, b);
    context.show_warnings(session.vault());
    let compared = compared?;
    let found = compared.items();
    if context.ui.json {
        context.ui.json(&found.iter().map(|item| ItemDiff::new(item, (a, b), None)).collect::<Vec<_>>())?;
    } else {
        let what = |difference: &ItemDifference<'_>| match difference {
            ItemDifference::Removed(_) => format!("only in {a}"),
            ItemDifference::Added(_) => format!("only in {b}"),
            ItemDifference::Changed { .. } => in_words(difference),
        };
        let rows: Vec<_> = found.iter().map(|item| vec![item.name().to_string(), what(item)]).collect();
        context.ui.table(&["ITEM", "DIFFERENCE"], &rows)?;
        if found.is_empty() {
            context.ui.done(&format!("{a} and {b} have the same content."));
        }
    }
    let is_incomplete = found.iter().any(|item| !matches!(item, ItemDifference::Changed { .. }));
    Ok(ExitCode::from(u8::from(*exit_code && is_incomplete)))
}
