//! Switching a machine to another key: first it has two keys, then only the new one.
//!
//! - Gives what comes from no vault: `begin`

use crate::error::{Error, Remedy, Result};
use crate::identity::Key;
use crate::log::{Action, Entry};
use crate::name::UserName;
use crate::vault::{Credential, Edit, KeyEdit, KeySession, Session};

/// Checks that the session is the machine's own. Only a key of the machine opens its identity, and the new key must
/// open the same identity.
///
/// # Errors
/// A not-found error if there is no such user; a denied error, which is logged, for a session of another user.
pub fn check_own(session: &Session, name: &UserName) -> Result<()> {
    session.vault().roster().state().user(name)?;
    let user = session.user();
    if user == name {
        return Ok(());
    }
    let error = Error::denied(format!("you are {user}: only a key of {name} can renew {name}'s key")).hint((
        "run it with that key, in ",
        Remedy::GiveKey,
        "; if you can't, add a second user for the machine: ",
        Remedy::ReadAbout("ci"),
    ));
    Err(session.log_refusal(Entry::new(Action::UserRenew).note(name.to_string()), error))
}

/// Gives the machine a second key. `show` gets the key before anything is saved.
///
/// # Errors
/// Why the change is not allowed, or the error of `show`. Then nothing has changed.
pub fn begin(session: &mut KeySession, show: impl FnOnce(&Key, &Edit<'_>) -> Result<()>) -> Result<()> {
    let key = Key::generate()?;
    let attempt = Entry::new(Action::UserRenew).note("a new key beside the old one");
    let change = |edit: &mut KeyEdit<'_, '_>| {
        edit.add_key(&key)?;
        edit.log(attempt.clone());
        Ok(())
    };
    session.edit_showing(std::slice::from_ref(&attempt), change, |(), edit| show(&key, edit))
}

/// Removes all keys of the machine except the one that opened this session.
///
/// # Errors
/// A usage error if the session was not opened with a key, or not with the newest one.
pub fn finish(session: &mut KeySession, credential: &Credential) -> Result<()> {
    let Credential::Key(key) = credential else {
        return Err(Error::usage(format!("only {}'s new key can remove the old one", session.user()))
            .hint(("give the new key in ", Remedy::GiveKey)));
    };
    let attempt = Entry::new(Action::UserRenew).note("old keys removed");
    session.edit_with_keys(std::slice::from_ref(&attempt), |edit| {
        edit.finish_renewal(key)?;
        edit.log(attempt.clone());
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::Sandbox;
    use crate::log::Caller;
    use crate::secret::ExposeSecret as _;
    use crate::vault::Vault;

    #[test]
    fn both_keys_open_the_vault_until_the_renewal_is_finished() {
        let mut sandbox = Sandbox::new();
        let mut new = None;
        begin(&mut sandbox.session, |key, _| {
            new = Some(Credential::Key(Key::parse(key.to_text().expose_secret())?));
            Ok(())
        })
        .unwrap();
        let new = new.unwrap();
        let settings = sandbox.session.vault().settings().clone();
        let path = sandbox.session.vault().path().to_owned();
        let open = |credential: &Credential| {
            Vault::open(&path, &settings).unwrap().unlock(credential, None, &Caller::default())
        };
        let old = sandbox.credential;
        let mut session = open(&new).unwrap();
        assert_eq!(session.user(), open(&old).unwrap().user());
        finish(&mut session, &new).unwrap();
        assert!(open(&old).is_err() && open(&new).is_ok());
    }

    #[test]
    fn a_user_cannot_renew_another_users_key() {
        let sandbox = Sandbox::new();
        let error = check_own(&sandbox.session, &UserName::new("ben").unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "there is no user \"ben\"");
        assert_eq!(check_own(&sandbox.session, &UserName::new("mia").unwrap()), Ok(()));
    }
}
