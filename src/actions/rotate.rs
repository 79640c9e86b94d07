//! Rotating: a new value for an existing item, what the item keeps, how long the new value is valid, and what is
//! refused.
//!
//! - Gives values, after their log entry: `Rotation::hand_over`

use super::{Expected, Place, Stored};
use crate::dangerous::AllowedOnce;
use crate::error::{Error, Reason, Remedy, Result};
use crate::item::{Item, Metadata, Origin};
use crate::log::{Action, Entry, ProgramName};
use crate::name::{EnvironmentName, NamedItem};
use crate::roster::Right;
use crate::secret::SecretBytes;
use crate::time::Time;
use crate::vault::{Edit, Purpose, Session, Unread};

/// When the new value of an item expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// It lives as long as the old one did.
    AsBefore,
    /// Never.
    Never,
    /// At this time.
    At(Time),
}

impl From<Option<Time>> for Expiry {
    /// `None` is never.
    fn from(at: Option<Time>) -> Self {
        at.map_or(Self::Never, Self::At)
    }
}

/// A rotation that has started: the item exists, and the user may change it.
pub struct Rotation {
    place: Place,
    expires: Expiry,
    unread: Unread,
}

impl Rotation {
    /// Starts a rotation. Everything that can be refused without the new value is refused here, and logged.
    ///
    /// # Errors
    /// If there is no such item, or the user may not change it.
    pub fn begin(session: &Session, place: &Place, expires: Expiry) -> Result<Self> {
        let (environment, name) = place;
        let unread = session.open(&Purpose::for_action(Action::Rotate).items([name]), environment)?;
        let may = unread.item(name).and_then(|_| session.check_right(environment, Right::Write));
        may.map_err(|error| session.log_refusal(entry(place), error))?;
        Ok(Self { place: place.clone(), expires, unread })
    }

    /// Hands the current value to a program, in a variable, so that the program can make the new value from it. This is
    /// logged first.
    ///
    /// # Errors
    /// If the variable can't hold it, or as [`Session::read`].
    pub fn hand_over(self, session: &Session, program: &str, variable: &str) -> Result<(Handed, SecretBytes)> {
        let Self { place, expires, unread } = self;
        let (environment, name) = &place;
        session.check_decrypted(&unread)?;
        let origin = unread.origin();
        let purpose =
            Purpose::for_action(Action::RotateCommand).items([name]).program(&ProgramName::of_command(program));
        session.confirm(environment, || purpose.entry(environment))?;
        if let Some(why) = unread.item(name)?.value_problem(variable) {
            let error = Error::failed(format!("{name} {why}"))
                .hint(("give the new value itself: ", Remedy::RotatePiped(NamedItem::from(&place).to_string())));
            return Err(session.log_refusal(entry(&place), error));
        }
        let content = session.read(&purpose, unread.only(|item| item.name() == name))?;
        let old = content.item(environment, name)?.current.value.clone();
        Ok((Handed { origin, place, expires }, old))
    }

    /// Logs that no new value came, and returns the error.
    #[must_use]
    pub fn failed(&self, session: &Session, error: Error) -> Error {
        session.log_refusal(entry(&self.place), error)
    }

    /// Sets the new value.
    ///
    /// # Errors
    /// If the value is empty, too large or unchanged, or the vault can't be saved.
    pub fn save(self, session: &mut Session, value: &SecretBytes) -> Result<Stored> {
        let Self { place, expires, unread } = self;
        Handed { origin: unread.origin(), place, expires }.save(session, value)
    }
}

/// A rotation whose current value was handed to a program.
pub struct Handed {
    /// The session that found the item.
    origin: Origin,
    place: Place,
    expires: Expiry,
}

impl Handed {
    /// As [`Rotation::failed`].
    #[must_use]
    pub fn failed(&self, session: &Session, error: Error) -> Error {
        session.log_refusal(entry(&self.place), error)
    }

    /// As [`Rotation::save`].
    ///
    /// # Errors
    /// As [`Rotation::save`].
    pub fn save(self, session: &mut Session, value: &SecretBytes) -> Result<Stored> {
        let Self { origin, place, expires } = self;
        session.check_origin(origin)?;
        save(session, &place, (value, expires), Expected::Anything)
    }
}

/// Gives an item a new value, which lives as long as the old one did, if the item is as expected.
///
/// # Errors
/// As [`Rotation::save`], and in the order of [`Expected`].
pub fn renew_if(session: &mut Session, place: &Place, value: &SecretBytes, expected: Expected<'_>) -> Result<Stored> {
    save(session, place, (value, Expiry::AsBefore), expected)
}

fn save(
    session: &mut Session,
    place: &Place,
    (value, expires): (&SecretBytes, Expiry),
    expected: Expected<'_>,
) -> Result<Stored> {
    let attempt = entry(place);
    session.edit(std::slice::from_ref(&attempt), |edit| {
        let stored = expected.then(edit, place, |edit| renew(edit, place, value, expires))?;
        edit.log(attempt.clone());
        Ok(stored)
    })
}

fn renew(edit: &mut Edit<'_>, (environment, name): &Place, value: &SecretBytes, expires: Expiry) -> Result<Stored> {
    let once = AllowedOnce::default();
    let (now, user, allowed) = (edit.now(), edit.user(), edit.vault().allowed(&once));
    let content = edit.content_for(environment, name)?;
    let item = content.item(environment, name)?;
    check_value(item, environment, value)?;
    let expires_at = match expires {
        Expiry::AsBefore => renewed_expiry(item, now),
        Expiry::Never => None,
        Expiry::At(time) => Some(time),
    };
    let metadata = Metadata { expires_at, ..item.metadata.clone() };
    content.set(name, value.clone(), &metadata, user, now)?;
    let mut stored = Stored::new(environment, content.item(environment, name)?, allowed);
    stored.left_out = stored.left_out.filter(|left_out| left_out.is_news(false));
    Ok(stored)
}

/// Refuses an empty or unchanged value: the rotation has failed then.
fn check_value(item: &Item, environment: &EnvironmentName, value: &SecretBytes) -> Result<()> {
    let named = NamedItem::within(environment, &item.name);
    if value.is_empty() {
        let why = format!("the new value of {named} is empty, so nothing was written");
        return Err(Error::new(Reason::EmptyValue, why).hint((
            "the program that should print it may have failed; if an empty value is meant: ",
            Remedy::SetToEmpty(named.to_string()),
        )));
    }
    if *value == item.current.value {
        let why = format!("the new value of {named} is the same as the old one, so nothing was written");
        return Err(Error::new(Reason::SameValue, why).hint("give a different value"));
    }
    Ok(())
}

/// Returns an expiry that is as far from now as the old one was from the time the old value was set.
fn renewed_expiry(item: &Item, now: Time) -> Option<Time> {
    let lifetime = item.metadata.expires_at?.utc() - item.current.set_at.utc();
    now.utc().checked_add_signed(lifetime).map(Time::from)
}

fn entry((environment, name): &Place) -> Entry {
    Entry::new(Action::Rotate).environment(environment).items([name])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::set::{Change, Set};
    use crate::actions::testing::{Sandbox, place, value};
    use crate::item::{Description, Kind, Setting};

    fn rotate(sandbox: &mut Sandbox, text: &str, expires: Expiry) -> Result<Stored> {
        let rotation = Rotation::begin(&sandbox.session, &place("dev", "TOKEN"), expires)?;
        rotation.save(&mut sandbox.session, &value(text))
    }

    #[test]
    fn only_the_session_that_began_a_rotation_saves_it() {
        let sandbox = Sandbox::with(&["dev/TOKEN=old"]);
        let mut other = sandbox.session.reopen().unwrap();
        let begin = || Rotation::begin(&sandbox.session, &place("dev", "TOKEN"), Expiry::AsBefore).unwrap();
        assert!(begin().save(&mut other, &value("new")).is_err());
        let (handed, _) = begin().hand_over(&sandbox.session, "sh", "OLD").unwrap();
        assert!(handed.save(&mut other, &value("new")).is_err());
        assert_eq!(&*sandbox.item(&place("dev", "TOKEN")).current.value, b"old");
    }

    #[test]
    fn a_rotation_keeps_the_old_value_and_the_description() {
        let mut sandbox = Sandbox::new();
        let later = Time::from(Time::now().utc() + chrono::TimeDelta::days(90));
        let description = Description {
            kind: Some(Kind::ApiKey),
            note: Some("billing".to_owned()),
            expires: Setting::Set(later),
            ..Description::default()
        };
        let changes = vec![Change { value: Some(value("old")), ..place("dev", "TOKEN").into() }];
        let set = Set { changes, description: &description, allowed: &AllowedOnce::default(), may_be_empty: false };
        set.save(&mut sandbox.session).unwrap();
        let stored = rotate(&mut sandbox, "new", Expiry::AsBefore).unwrap();
        assert_eq!((stored.metadata.kind, stored.metadata.note.as_deref()), (Kind::ApiKey, Some("billing")));
        let renewed = stored.metadata.expires_at.unwrap();
        assert!((renewed.utc() - later.utc()).num_minutes().abs() < 60, "as long as the old one: {renewed}");
        let item = sandbox.item(&place("dev", "TOKEN"));
        assert_eq!((&*item.current.value, &*item.history[0].value), (&b"new"[..], &b"old"[..]));
        assert_eq!(rotate(&mut sandbox, "newer", Expiry::Never).unwrap().metadata.expires_at, None);
    }

    #[test]
    fn a_rotation_without_a_new_value_is_refused_and_logged() {
        let mut sandbox = Sandbox::with(&["dev/TOKEN=old"]);
        let mut reason = |text: &str| rotate(&mut sandbox, text, Expiry::AsBefore).unwrap_err().reason();
        assert_eq!(reason("old"), Reason::SameValue);
        assert_eq!(reason(""), Reason::EmptyValue);
        assert_eq!(sandbox.item(&place("dev", "TOKEN")).current.number, 1);
        assert_eq!(sandbox.log().iter().filter(|line| *line == "rotate dev TOKEN").count(), 2, "{:?}", sandbox.log());
        let missing = Rotation::begin(&sandbox.session, &place("dev", "OTHER"), Expiry::AsBefore).err().unwrap();
        assert_eq!(missing.to_string(), "there is no item dev/OTHER");
        assert_eq!(sandbox.log().last().unwrap(), "rotate dev OTHER");
    }

    #[test]
    fn the_current_value_is_given_out_after_its_entry_and_only_if_a_variable_can_hold_it() {
        let sandbox = Sandbox::with(&["dev/TOKEN=old", "dev/BYTES=a\0b"]);
        let begin = |name| Rotation::begin(&sandbox.session, &place("dev", name), Expiry::AsBefore).unwrap();
        let (_, old) = begin("TOKEN").hand_over(&sandbox.session, "sh", "VAULT_OLD_VALUE").unwrap();
        assert_eq!(old, value("old"));
        assert_eq!(sandbox.log().last().unwrap(), "rotate-command dev TOKEN");
        let error = begin("BYTES").hand_over(&sandbox.session, "sh", "VAULT_OLD_VALUE").err().unwrap();
        assert_eq!(error.to_string(), "BYTES contains a NUL byte, which a variable can't have");
    }
}
