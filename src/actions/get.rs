//! Reading one value: the current one, which may be expired, or that of an earlier version. A front end that answers
//! with several objects reads current values in several environments.
//!
//! - Gives values, after their log entry: `current`
//! - Gives parts of what was read: `Given::secret`, `Given::value`
//! - Gives text without values: `Found::expired`

use super::{Place, expired};
use crate::error::Result;
use crate::item::Content;
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::secret::SecretBytes;
use crate::time::Time;
use crate::vault::{Purpose, Session, Unread, UnreadInjectables};
use crate::view::Secret;

/// What to read of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The current value. Only this value is decoded: with thousands of items, decoding takes most of the time.
    Value,
    /// The value of this version, or else the current one, with what is known about the item.
    Version(Option<u32>),
}

/// An item that was found. Its value is not read yet.
pub struct Found<'a> {
    session: &'a Session,
    purpose: Purpose,
    place: &'a Place,
    held: Held,
    /// The items that are expired, as `ENV/NAME`: none, or this one. An earlier version does not expire.
    pub expired: Vec<String>,
}

enum Held {
    Value(UnreadInjectables),
    Item(Unread, u32),
}

/// A value that was read.
pub struct Given {
    /// The value.
    pub value: SecretBytes,
    /// The item and the value as an object, if more than the value was wanted.
    pub secret: Option<Secret>,
}

impl<'a> Found<'a> {
    /// Finds an item. A refusal is logged.
    ///
    /// # Errors
    /// The same as for [`Session::open`]; a not-found error if there is no such item or version; a failure for an
    /// expired item under strict settings.
    pub fn new(session: &'a Session, place: &'a Place, wanted: Wanted) -> Result<Self> {
        let (environment, name) = place;
        let purpose = Purpose::for_action(Action::Get).items([name]);
        let (held, is_expired) = match wanted {
            Wanted::Value => value(session, &purpose, place)?,
            Wanted::Version(number) => item(session, &purpose, place, number)?,
        };
        let expired = if is_expired { vec![(environment.clone(), name.to_string())] } else { Vec::new() };
        let expired = expired::check(session, &purpose, &expired)?;
        Ok(Self { session, purpose, place, held, expired })
    }

    /// Reads the value, after its log entry.
    ///
    /// # Errors
    /// The same as for [`Session::read`].
    pub fn read(self) -> Result<Given> {
        let Self { session, purpose, place: (environment, name), held, expired: _ } = self;
        match held {
            Held::Value(unread) => {
                let read = session.read(&purpose, unread)?;
                let value = read.first().map(|item| SecretBytes::new(item.value.to_vec())).unwrap_or_default();
                Ok(Given { value, secret: None })
            }
            Held::Item(unread, number) => {
                let content = session.read(&purpose, unread)?;
                let item = content.item(environment, name)?;
                let version = item.version(number)?;
                let mut secret = Secret::new(environment, item.outline()).with_value(&version.value);
                secret.version = version.number;
                Ok(Given { value: version.value.clone(), secret: Some(secret) })
            }
        }
    }
}

/// Reads the current values of these items, after their log entries: one for each environment.
///
/// # Errors
/// The same as for [`Session::read_all`]; a failure for an expired item under strict settings, which is logged.
pub fn current(session: &Session, items: Vec<Unread>) -> Result<Vec<(EnvironmentName, Content)>> {
    let purpose = Purpose::for_action(Action::Get);
    let now = Time::now();
    let mut expired = Vec::new();
    for unread in &items {
        let found = unread.items().filter(|item| item.is_expired(now));
        expired.extend(found.map(|item| (unread.environment().clone(), item.name().to_string())));
    }
    expired::check(session, &purpose, &expired)?;
    session.read_all(&purpose, items)
}

/// Finds the current value, and says whether it is expired.
fn value(session: &Session, purpose: &Purpose, place: &Place) -> Result<(Held, bool)> {
    let (environment, name) = place;
    let found = session.open_injectables(purpose, environment, &|known| known == name.as_str())?;
    let is_expired = found.items().next().map(|item| item.is_expired(Time::now()));
    match is_expired {
        Some(is_expired) => Ok((Held::Value(found), is_expired)),
        // The error names a similar item, so all names are needed.
        None => item(session, purpose, place, None),
    }
}

/// Finds a version of the item, and says whether it is the current one of an expired item.
fn item(session: &Session, purpose: &Purpose, place: &Place, number: Option<u32>) -> Result<(Held, bool)> {
    let (environment, name) = place;
    let unread = session.open(purpose, environment)?;
    let item = unread.item(name)?;
    let is_expired = number.is_none() && item.is_expired(Time::now());
    let number = number.unwrap_or(item.current().number());
    item.version(number)?;
    Ok((Held::Item(unread.only(|item| item.name() == name), number), is_expired))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, place};
    use crate::error::Reason;

    fn get(sandbox: &Sandbox, name: &str, wanted: Wanted) -> Result<Given> {
        Found::new(&sandbox.session, &place("dev", name), wanted)?.read()
    }

    #[test]
    fn a_value_or_a_version_is_read_after_its_log_entry() {
        let sandbox = Sandbox::with(&["dev/A=1", "dev/A=2", "dev/B=3"]);
        let value = get(&sandbox, "A", Wanted::Value).unwrap();
        assert_eq!((&*value.value, value.secret.is_some()), (&b"2"[..], false));
        let first = get(&sandbox, "A", Wanted::Version(Some(1))).unwrap();
        assert_eq!((&*first.value, first.secret.unwrap().version), (&b"1"[..], 1));
        assert_eq!(get(&sandbox, "A", Wanted::Version(None)).unwrap().secret.unwrap().version, 2);
        let log = sandbox.log();
        assert_eq!(log[log.len() - 3..], ["get dev A"; 3]);
    }

    #[test]
    fn missing_items_and_versions_are_named() {
        let sandbox = Sandbox::with(&["dev/A=1"]);
        let reason = |name, wanted| get(&sandbox, name, wanted).err().unwrap().reason();
        assert_eq!(reason("B", Wanted::Value), Reason::NoItem);
        assert_eq!(reason("A", Wanted::Version(Some(2))), Reason::NoVersion);
    }
}
