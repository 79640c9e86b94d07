//! `vault user rm`: removes a user.

use crate::cli::asking::terminal;
use crate::cli::options::taking::{OrphanArgs, UnreadableArgs};
use crate::cli::showing::left_behind::{join, show_lost, warn_of_left};
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::actions::grant::Accepted;
use vault::actions::user_rm::{Done, Leaving, Removal};
use vault::log::Action;
use vault::name::{EnvironmentName, UserName};
use vault::vault::{Agreed, Removed};
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The user
    name: UserName,
    /// Keep the users whose keys this user made, even though this user may still have those keys
    #[arg(long)]
    keep_issued: bool,
    /// Don't ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    orphan: OrphanArgs,
    #[command(flatten)]
    unreadable: UnreadableArgs,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let name = &args.name;
    let mut session = context.key_session()?;
    let accepted = Accepted {
        orphans: args.orphan.orphan.clone(),
        contents: args.unreadable.contents(Action::UserRemove, &session)?,
    };
    let removal = Removal::of(&session, name, args.keep_issued, accepted)?;
    if !args.yes {
        confirm(removal.leaving(), context)?;
    }
    let Done { removed, left } = Agreed::to(removal).save(&mut session)?;
    context.show_warnings(session.vault());
    tell(name, &removed, context);
    warn_of_left(&left, name, context.ui);
    let mut all = vec![name.clone()];
    all.extend(removed.too.iter().cloned());
    show_lost(&all, &removed.lost, &left, context.ui)?;
    Ok(ExitCode::SUCCESS)
}

fn confirm(leaving: &[Leaving], context: &Context) -> Result<()> {
    if context.is_interactive() {
        terminal::show(&leaving.iter().map(affected).collect::<String>())?;
    }
    match context.confirm(&question(leaving))? {
        true => Ok(()),
        false => Err(Error::failed("nobody was removed").hint("only y or yes removes; -y skips the question")),
    }
}

/// Says in a line what a user loses.
fn affected(leaving: &Leaving) -> String {
    let names = |names: &[EnvironmentName]| names.iter().map(EnvironmentName::as_str).collect::<Vec<_>>().join(", ");
    let (user, writes, reads) = (&leaving.user, names(&leaving.writes), names(&leaving.reads));
    let rights = match (writes.as_str(), reads.as_str()) {
        ("", "") => format!("{user} reads no environment."),
        ("", reads) => format!("{user} reads {reads}."),
        (writes, "") => format!("{user} writes {writes}."),
        (writes, reads) => format!("{user} writes {writes}; reads {reads}."),
    };
    let then = match leaving.knows_values() {
        true => " These are re-encrypted, and their values are marked as due for replacement.",
        false => "",
    };
    format!("{rights}{then}\n")
}

fn question(leaving: &[Leaving]) -> String {
    let users: Vec<UserName> = leaving.iter().map(|leaving| leaving.user.clone()).collect();
    match &users[..] {
        [name, issued @ ..] if !issued.is_empty() => {
            format!("Remove {name}, and {}, whose keys {name} may still have?", join(issued))
        }
        users => format!("Remove {}?", join(users)),
    }
}

fn tell(name: &UserName, removed: &Removed, context: &Context) {
    let Removed { too, added, .. } = removed;
    context.ui.done(&format!("Removed {name}."));
    if !too.is_empty() {
        context.ui.done(&format!("Removed {}, too: {name} may still have their keys.", join(too)));
        context.ui.hint("add them again with new keys: vault user add NAME");
    }
    if !added.is_empty() {
        let asked = if added.len() == 1 {
            "who keeps their rights: do you know this user?"
        } else {
            "who keep their rights: do you know these users?"
        };
        context.ui.warn(&format!("{name} added {}, {asked}", join(added)));
    }
}
