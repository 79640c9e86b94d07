//! Expired items that are about to be handed out: the caller warns about them, or strict settings refuse them.

use crate::error::{Error, Reason, Remedy, Result};
use crate::name::{EnvironmentName, NamedItem};
use crate::ordered::InOrder as _;
use crate::time::Time;
use crate::vault::{Purpose, Session, UnreadInjectables};

/// An item that has expired, by its environment and its name.
pub(super) type Expired = (EnvironmentName, String);

/// Returns those of the items that are expired by `now`.
pub(super) fn among(all: &[UnreadInjectables], now: Time) -> Vec<Expired> {
    let mut expired = Vec::new();
    for unread in all {
        let items = unread.items().filter(|item| item.is_expired(now));
        expired.extend(items.map(|item| (unread.environment().clone(), item.name().to_owned())));
    }
    expired
}

/// Returns these items for a warning, as `ENV/NAME`.
///
/// # Errors
/// A failure under strict settings, which is logged.
pub(super) fn check(session: &Session, purpose: &Purpose, expired: &[Expired]) -> Result<Vec<String>> {
    let mut places: Vec<_> = expired.iter().map(|item| NamedItem::from(item).to_string()).collect();
    places.order();
    if expired.is_empty() || !session.vault().settings().strict {
        return Ok(places);
    }
    let hint =
        ("strict settings turn this warning into an error; to set a new value: ", Remedy::Set(places[0].clone()));
    let mut error = Error::new(Reason::Expired, format!("expired: {}", places.join(", "))).hint(hint);
    for group in expired.chunk_by(|(one, _), (next, _)| one == next) {
        let purpose = purpose.clone().items(group.iter().map(|(_, name)| name));
        error = session.log_refused_use(&purpose, &group[0].0, error);
    }
    Err(error)
}
