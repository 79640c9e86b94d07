//! `vault rm`: items go, with their history.

use crate::cli::asking::terminal;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::vault::Purpose;
use vault::words::plural;
use vault::{Error, Result};

/// Asks first, and removes all of them or none.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// NAME or ENV/NAME
    #[arg(required = true, value_name = "NAME", add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::items))]
    names: Vec<String>,
    /// Don't ask
    #[arg(long, short)]
    yes: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let mut session = context.session()?;
    let items: Vec<(EnvironmentName, ItemName)> =
        args.names.iter().map(|name| context.item(&session, name)).collect::<Result<_>>()?;
    for (environment, name) in &items {
        session.open(&Purpose::new(Action::Remove).items([name]), environment)?.item(name)?;
    }
    let named: Vec<_> = items.iter().map(|(environment, name)| format!("{environment}/{name}")).collect();
    if !args.yes && !confirm(&format!("Remove {} and all earlier values?", named.join(", ")), context)? {
        return Err(Error::failed("nothing was removed").hint("only y or yes removes; -y answers it beforehand"));
    }
    let entries = entries(&items);
    session.edit(&entries, |edit| {
        for (environment, name) in &items {
            edit.content_mut(environment)?.remove(environment, name)?;
        }
        entries.iter().for_each(|entry| edit.log(entry.clone()));
        Ok(())
    })?;
    context.show_warnings(session.vault());
    context.ui.done(&match &named[..] {
        [only] => format!("Removed {only}."),
        several => format!("Removed {}.", plural(several.len(), "item")),
    });
    Ok(ExitCode::SUCCESS)
}

/// One for each environment.
fn entries(items: &[(EnvironmentName, ItemName)]) -> Vec<Entry> {
    let mut environments: Vec<_> = items.iter().map(|(environment, _)| environment).collect();
    environments.sort_unstable();
    environments.dedup();
    let entry = |environment: &EnvironmentName| {
        let names = items.iter().filter(|(of, _)| of == environment).map(|(_, name)| name);
        Entry::new(Action::Remove).environment(environment).items(names)
    };
    environments.into_iter().map(entry).collect()
}

/// Asks a yes-or-no question; without somebody to ask it is an error.
pub fn confirm(question: &str, context: &Context) -> Result<bool> {
    if !context.is_interactive() {
        return Err(Error::usage("there is no terminal to ask on").hint("-y answers yes"));
    }
    terminal::confirm(question)
}
