//! Notes of `exec` about names that this device sees for the first time.

use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use vault::Result;
use vault::time::Time;
use vault::vault::{NewName, Session, UnreadInjectables};

/// Says which variables are new on this device, and who added them. Everyone who may write an environment can add
/// variables for every program that runs with it.
pub fn show(unread: &[UnreadInjectables], session: &Session, context: &Context) -> Result<()> {
    // The names stay new until a person was shown them.
    if context.globals.quiet {
        return Ok(());
    }
    let new = session.new_names(unread)?;
    if let Some(message) = note(&new, Time::now()) {
        context.ui.not_done(&message);
    }
    Ok(())
}

/// The most names that one note lists.
const MAX_LISTED: usize = 5;

fn note(new: &[NewName], now: Time) -> Option<String> {
    let added = |new: &NewName| format!("added by {}, {}", new.owner, ago(new.created_at, now));
    match new {
        [] => None,
        [one] => Some(format!("{} is new here: {}", one.name, added(one))),
        many => {
            let mut names: Vec<_> =
                many.iter().take(MAX_LISTED).map(|one| format!("{} ({})", one.name, added(one))).collect();
            if many.len() > MAX_LISTED {
                names.push(format!("and {} more", many.len() - MAX_LISTED));
            }
            Some(format!("{} names are new here: {}", many.len(), names.join(", ")))
        }
    }
}
