//! The users of a vault: who was removed, and whose passphrase to ask for.

use super::Claims;
use crate::error::{Error, Reason, Remedy, Result};
use crate::file::{Slot, SlotKind};
use crate::name::UserName;
use crate::roster::User;

impl Claims {
    /// Returns the users who have a passphrase.
    #[must_use]
    pub fn passphrase_users(&self) -> Vec<&UserName> {
        self.slots().filter(|slot| slot.kind == SlotKind::Passphrase).map(|slot| &slot.user).collect()
    }

    /// Returns the slots of the users. Anybody who can write the file can add other slots. These would open nothing,
    /// but could change whose passphrase is asked for, or get in the way of a key.
    pub(super) fn slots(&self) -> impl Iterator<Item = &Slot> {
        let users = &self.roster.state().users;
        self.file.slots.iter().filter(|slot| users.contains_key(&slot.user))
    }

    /// Returns the user of this name.
    ///
    /// # Errors
    /// An unlock error that says who removed the user; a not-found error if there never was one.
    pub(super) fn user(&self, name: &UserName) -> Result<&User> {
        match self.removal(name) {
            Some(removal) => Err(Error::unlock(removal)
                .hint(("an admin can add you again, with new keys: ", Remedy::AddUser(name.to_string())))),
            None => self.known(name),
        }
    }

    /// Checks that this is or was a user.
    ///
    /// # Errors
    /// A not-found error if there never was one.
    pub fn check_known(&self, name: &UserName) -> Result<()> {
        if self.removal(name).is_some() { Ok(()) } else { self.known(name).map(drop) }
    }

    fn known(&self, name: &UserName) -> Result<&User> {
        self.roster.state().user(name).map_err(|error| error.hint(("to see all users: ", Remedy::ListUsers)))
    }

    /// Returns, in words, who removed this user and when; `None` if the user was not removed.
    #[must_use]
    pub fn removal(&self, name: &UserName) -> Option<String> {
        let (by, time) = self.roster.removal(name)?;
        Some(format!("{name} was removed by {by} ({})", time.utc().format("%F")))
    }

    /// Returns the user whose passphrase to ask for: the named one, else the only one, else the last one who used
    /// theirs here.
    ///
    /// # Errors
    /// An unlock error if that user has none; a usage error if there are several.
    pub fn passphrase_user(&self, named: Option<&UserName>) -> Result<&UserName> {
        let users = self.passphrase_users();
        if let Some(named) = named {
            self.user(named)?;
            return users.into_iter().find(|user| *user == named).ok_or_else(|| {
                Error::new(Reason::NoPassphrase, format!("{named} has no passphrase here"))
                    .hint(("give the user's key in ", Remedy::GiveKey))
            });
        }
        match users[..] {
            [only] => Ok(only),
            [] => Err(Error::new(Reason::NoPassphrase, "nobody has a passphrase here")
                .hint(("give a key in ", Remedy::GiveKey))),
            _ => {
                let last = self.last_user();
                if let Some(last) = users.iter().copied().find(|user| last.as_ref() == Some(*user)) {
                    return Ok(last);
                }
                let users: Vec<UserName> = users.into_iter().cloned().collect();
                let removed = last.and_then(|last| self.removal(&last)).map_or(String::new(), |removed| removed + "; ");
                Err(several_users("have a passphrase here", removed, &users))
            }
        }
    }
}

/// Returns the error for a case that fits several users, of whom none was named. `before` comes first in the hint.
pub(super) fn several_users(what: &str, before: String, users: &[UserName]) -> Error {
    let names: Vec<_> = users.iter().map(UserName::as_str).collect();
    Error::new(Reason::SeveralUsers, format!("several users {what}")).hint((
        before + "say which one you are: ",
        Remedy::NameUser,
        format!(" ({})", names.join(", ")),
    ))
}
