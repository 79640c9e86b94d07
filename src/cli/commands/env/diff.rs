//! `vault env diff`: where two environments differ; names and metadata, never values.

use crate::cli::showing::differences::in_words;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::diff::{ItemDifference, items};
use vault::log::Action;
use vault::name::EnvironmentName;
use vault::vault::Purpose;
use vault::view::ItemDiff;
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
    let purpose = Purpose::new(Action::EnvDiff);
    let unread = [session.open(&purpose, a)?, session.open(&purpose, b)?];
    context.show_warnings(session.vault());
    let read = session.compare_all(&purpose, unread.into())?;
    let found = match &read[..] {
        [(a, in_a), (b, in_b)] => items((a, in_a), (b, in_b)),
        _ => Vec::new(),
    };
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
            context.ui.done(&format!("{a} and {b} hold the same."));
        }
    }
    let is_incomplete = found.iter().any(|item| !matches!(item, ItemDifference::Changed { .. }));
    Ok(ExitCode::from(u8::from(*exit_code && is_incomplete)))
}
