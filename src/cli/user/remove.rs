//! `vault user rm`.

use super::left_behind::{join, show_lost, warn_of_no_admin};
use crate::cli::context::Context;
use std::process::ExitCode;
use vault::log::{Action, Entry};
use vault::name::UserName;
use vault::vault::{Edit, Lost};
use vault::{Error, Result};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The user
    name: UserName,
    /// Keep the users whose keys they made, although they may have kept these keys
    #[arg(long)]
    keep_issued: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let name = &args.name;
    let mut session = context.identity_session()?;
    let (before, added, removed, kept, lost) = session.edit(|edit| {
        let state = edit.roster().state();
        state.check_admin(edit.user())?;
        let (before, issued) = (state.clone(), state.issued_by(name));
        let added: Vec<UserName> = state.added_by(name).cloned().collect();
        let (removed, kept) = if args.keep_issued { (Vec::new(), issued) } else { (issued, Vec::new()) };
        let lost = remove(edit, name, &removed)?;
        Ok((before, added, removed, kept, lost))
    })?;
    context.show_warnings(session.vault());
    let mut all = vec![name.clone()];
    all.extend(removed.iter().cloned());
    context.ui.done(&format!("Removed {name}."));
    if !removed.is_empty() {
        let names = join(&removed);
        context.ui.done(&format!("Removed {names}, too: {name} may still have their keys."));
        context.ui.hint("add them again with new keys: vault user add NAME");
    }
    if !kept.is_empty() {
        context.ui.warn(&format!("{name} may still have the keys of {} and act as them", join(&kept)));
    }
    let stays = |user: &&UserName| !kept.contains(user) && !removed.contains(user);
    let added: Vec<UserName> = added.iter().filter(stays).cloned().collect();
    if !added.is_empty() {
        let asked =
            if added.len() == 1 { "who stays: is that who you think?" } else { "who stay: are they who you think?" };
        context.ui.warn(&format!("{name} added {}, {asked}", join(&added)));
    }
    warn_of_no_admin(&before, session.vault().roster().state(), context);
    show_lost(&all, &lost, context)?;
    Ok(ExitCode::SUCCESS)
}

/// The others first: an author's own rights are not touched by that, and none is left behind if one can't go.
fn remove(edit: &mut Edit<'_>, name: &UserName, issued: &[UserName]) -> Result<Vec<Lost>> {
    if issued.contains(edit.user()) {
        return Err(Error::denied(format!("{name} made the keys that you use, and would take you along"))
            .hint("replace your keys first: vault join, or vault passwd"));
    }
    let mut lost: Vec<Lost> = Vec::new();
    for user in issued.iter().chain([name]) {
        for new in edit.remove_user(user)? {
            match lost.iter_mut().find(|lost| lost.environment == new.environment) {
                Some(known) => *known = new,
                None => lost.push(new),
            }
        }
        edit.log(Entry::new(Action::UserRemove).note(user.to_string()));
    }
    Ok(lost)
}
