//! `vault user rm`.

use super::left_behind::{join, show_lost, warn_of_no_admin};
use crate::cli::asking::terminal;
use crate::cli::commands::rm::confirm;
use crate::cli::options::taking::{OrphanArgs, UnreadableArgs};
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::log::{Action, Entry};
use vault::name::UserName;
use vault::roster::{Environment, State};
use vault::vault::{Removed, Session};
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The user
    name: UserName,
    /// Keep the users whose keys they made, although they may have kept these keys
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
    let mut session = context.identity_session()?;
    let before = session.vault().roster().state().clone();
    let asks = !args.yes && may_remove(&before, name, &session);
    if asks && context.is_interactive() {
        terminal::show(&affected(&before, args))?;
    }
    if asks && !confirm(&question(&before, args), context)? {
        return Err(Error::failed("nobody was removed").hint("only y or yes removes; -y answers it beforehand"));
    }
    let fallbacks = args.unreadable.contents(&session)?;
    let attempt = Entry::new(Action::UserRemove).note(name.to_string());
    let removed = session.edit(&[attempt], |edit| {
        edit.may_orphan(&args.orphan.orphan);
        edit.fall_back(fallbacks);
        edit.remove_user(name, args.keep_issued)
    })?;
    context.show_warnings(session.vault());
    tell(name, &removed, context);
    warn_of_no_admin(&before, session.vault().roster().state(), context);
    let mut all = vec![name.clone()];
    all.extend(removed.too.iter().cloned());
    show_lost(&all, &removed.lost, context)?;
    Ok(ExitCode::SUCCESS)
}

/// Whether there is something to ask: what is refused anyway is refused without a question.
fn may_remove(state: &State, name: &UserName, session: &Session) -> bool {
    state.check_admin(session.user()).is_ok() && state.users.contains_key(name) && name != session.user()
}

/// Who goes with the user.
fn issued(state: &State, args: &Args) -> Vec<UserName> {
    if args.keep_issued { Vec::new() } else { state.issued_by(&args.name) }
}

/// What a removal takes and changes, a line for each user.
fn affected(state: &State, args: &Args) -> String {
    let mut text = String::new();
    for user in std::iter::once(args.name.clone()).chain(issued(state, args)) {
        let with = |holds: fn(&Environment, &UserName) -> bool| {
            let names = state.environments.iter().filter(|(_, of)| holds(of, &user)).map(|(name, _)| name.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        let (writes, reads) = (with(Environment::writes), with(|of, user| of.reads(user) && !of.writes(user)));
        let rights = match (writes.as_str(), reads.as_str()) {
            ("", "") => format!("{user} reads no environment."),
            ("", reads) => format!("{user} reads {reads}."),
            (writes, "") => format!("{user} writes {writes}."),
            (writes, reads) => format!("{user} writes {writes}; reads {reads}."),
        };
        let then = match (writes.as_str(), reads.as_str()) {
            ("", "") => "",
            _ => " These are encrypted anew, and their values are marked as to be replaced.",
        };
        text.push_str(&format!("{rights}{then}\n"));
    }
    text
}

fn question(state: &State, args: &Args) -> String {
    let name = &args.name;
    match &issued(state, args)[..] {
        [] => format!("Remove {name}?"),
        issued => format!("Remove {name}, and {}, whose keys {name} may still have?", join(issued)),
    }
}

fn tell(name: &UserName, removed: &Removed, context: &Context) {
    let Removed { too, kept, added, .. } = removed;
    context.ui.done(&format!("Removed {name}."));
    if !too.is_empty() {
        context.ui.done(&format!("Removed {}, too: {name} may still have their keys.", join(too)));
        context.ui.hint("add them again with new keys: vault user add NAME");
    }
    if !kept.is_empty() {
        context.ui.warn(&format!("{name} may still have the keys of {} and act as them", join(kept)));
    }
    if !added.is_empty() {
        let asked =
            if added.len() == 1 { "who stays: is that who you think?" } else { "who stay: are they who you think?" };
        context.ui.warn(&format!("{name} added {}, {asked}", join(added)));
    }
}
