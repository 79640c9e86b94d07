//! `vault user history`: shows the signed changes of the roster.

use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::name::UserName;
use vault::view::RosterChange;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show only changes by or about this user
    name: Option<UserName>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let vault = context.vault()?;
    let roster = vault.whole_roster()?;
    let about = |change: &RosterChange| {
        let name = args.name.as_ref().map(UserName::as_str);
        name.is_none_or(|name| change.author == name || change.username.as_deref() == Some(name))
    };
    let all = roster.statements().iter().map(|statement| RosterChange::new(roster, statement));
    let changes: Vec<RosterChange> = all.filter(about).collect();
    if let (Some(name), true) = (&args.name, changes.is_empty()) {
        roster.state().user(name)?;
    }
    if context.ui.json {
        context.ui.json(&changes)?;
        return Ok(ExitCode::SUCCESS);
    }
    let row = |change: &RosterChange| {
        vec![change.version.to_string(), change.created_at.clone(), change.author.clone(), change.description.clone()]
    };
    let rows: Vec<_> = changes.iter().map(row).collect();
    context.ui.table(&["CHANGE", "TIME", "BY", "WHAT"], &rows)?;
    Ok(ExitCode::SUCCESS)
}
