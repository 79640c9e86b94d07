//! Leaves out the items whose values can't be in variables, and logs what that says about values.

use super::filter::{self, Criteria, NotInjected};
use crate::actions::left_out;
use crate::error::{Error, Result};
use crate::name::EnvironmentName;
use crate::secret::TextPart;
use crate::vault::{Purpose, Session, UnreadInjectables};

/// The names of the items of an environment.
type Looked = (EnvironmentName, Vec<TextPart>);

/// Leaves out the items whose values can't be in variables, after logging them. The caller reads the others next, which has
/// its own entries.
///
/// # Errors
/// A failure for an item that was requested by name. It says something about every value that was looked at, so its
/// entries name all of them.
pub(super) fn leave_out(
    session: &Session,
    purpose: &Purpose,
    unread: &mut [UnreadInjectables],
    criteria: &Criteria<'_>,
) -> Result<Vec<NotInjected>> {
    unread.iter().try_for_each(|unread| session.check_decrypted(unread))?;
    let looked: Vec<Looked> = unread.iter().map(looked_at).collect();
    let left_out =
        filter::retain_fit(unread, criteria).map_err(|error| log_refused(session, purpose, &looked, error))?;
    let mut entries = Vec::new();
    for (environment, _) in &looked {
        let here = left_out.iter().filter(|one| one.environment == *environment);
        let items: Vec<_> = here.map(|one| &one.item).collect();
        entries.extend(left_out::entry(purpose, environment, &items));
    }
    if !entries.is_empty() {
        session.log(entries)?;
    }
    Ok(left_out)
}

fn looked_at(unread: &UnreadInjectables) -> Looked {
    (unread.environment().clone(), unread.items().map(|item| item.name().into()).collect())
}

fn log_refused(session: &Session, purpose: &Purpose, looked: &[Looked], mut error: Error) -> Error {
    for (environment, names) in looked {
        let purpose = purpose.clone().items(names.iter().map(|name| &**name));
        error = session.log_refused_use(&purpose, environment, error);
    }
    error
}
