//! New keys for a user: a new passphrase and recovery key, or a single new key. All earlier keys stop working.
//!
//! - Gives what comes from no vault: `key`, `passphrase`

use crate::crypto::WorkFactor;
use crate::error::{Error, Reason, Remedy, Result};
use crate::identity::Key;
use crate::log::{Action, Entry};
use crate::name::EnvironmentName;
use crate::passphrase::Strong;
use crate::roster::Right;
use crate::vault::{Credential, Edit, Fallbacks, KeyEdit, KeySession, Keyring, Session};

/// Checks that a strong passphrase is not the current one, for a front end that asks for another.
///
/// # Errors
/// A usage error if `current` is this passphrase.
pub fn check_other(new: &Strong, current: &Credential) -> Result<()> {
    match current {
        Credential::Passphrase(current) if new.is(current) => {
            Err(Error::new(Reason::SamePassphrase, "the new passphrase is the same as the current one")
                .hint(("choose another; to keep the passphrase and renew the keys: ", Remedy::ReplaceRecoveryKey)))
        }
        _ => Ok(()),
    }
}

/// Sets a passphrase and makes a new recovery key. `current` is what opened the vault. Only `show` gets the recovery key, and
/// before anything is saved: a key that nobody has seen must not be the only way in, and after the change it is too late
/// to show it, because the program may be killed, or fail to record what it has saved.
///
/// # Errors
/// As [`check_other`]; if the vault can't be saved, or if `show` fails. Then nothing has changed.
pub fn passphrase(
    session: &mut KeySession,
    current: &Credential,
    new: (&Strong, WorkFactor),
    fallbacks: Fallbacks,
    show: impl FnOnce(&Key, &Edit<'_>) -> Result<()>,
) -> Result<()> {
    check_other(new.0, current)?;
    replace(session, Action::Passwd, Some(new), fallbacks, show)
}

/// Replaces all keys by a new key without a passphrase, for machines. `show` gets the key, as in [`passphrase`].
///
/// # Errors
/// If the vault can't be saved, or if `show` fails. Then nothing has changed.
pub fn key(
    session: &mut KeySession,
    fallbacks: Fallbacks,
    show: impl FnOnce(&Key, &Edit<'_>) -> Result<()>,
) -> Result<()> {
    replace(session, Action::Passwd, None, fallbacks, show)
}

/// Replaces the user's keys by a new key and, if one is given, a passphrase.
pub(super) fn replace(
    session: &mut KeySession,
    action: Action,
    passphrase: Option<(&Strong, WorkFactor)>,
    fallbacks: Fallbacks,
    show: impl FnOnce(&Key, &Edit<'_>) -> Result<()>,
) -> Result<()> {
    let key = Key::generate()?;
    let attempt = Entry::new(action);
    let change = |edit: &mut KeyEdit<'_, '_>| {
        edit.fall_back(fallbacks)?;
        edit.replace_keys(&Keyring { passphrase, key: &key })?;
        edit.log(attempt.clone());
        Ok(())
    };
    session.edit_showing(std::slice::from_ref(&attempt), change, |(), edit| show(&key, edit))
}

/// Returns the environments that the user can read and not write. After a change of keys they stay encrypted to the old
/// keys until a writer saves them.
#[must_use]
pub fn left_to_others(session: &Session) -> Vec<EnvironmentName> {
    let mut names = session.readable();
    names.retain(|name| session.check_right(name, Right::Write).is_err());
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::recovery;
    use crate::actions::testing::{Sandbox, keep, place};
    use crate::log::Caller;
    use crate::secret::SecretString;
    use crate::vault::Vault;

    const WORK_FACTOR: WorkFactor = WorkFactor::LOWEST;

    fn chosen() -> Strong {
        Strong::new(&SecretString::from("a passphrase of seven quite long words")).unwrap()
    }

    fn opens(sandbox: &Sandbox, credential: &Credential) -> bool {
        let vault = sandbox.session.vault();
        Vault::open(vault.path(), vault.settings()).unwrap().unlock(credential, None, &Caller::default()).is_ok()
    }

    #[test]
    fn a_new_passphrase_comes_with_a_new_recovery_key_and_items_stay() {
        let mut sandbox = Sandbox::with(&["dev/A=1"]);
        let (new, fallbacks) = (chosen(), Fallbacks::default());
        let (current, mut recovery) = (&sandbox.credential, None);
        let shown = keep(&mut recovery);
        passphrase(&mut sandbox.session, current, (&new, WORK_FACTOR), fallbacks, shown).unwrap();
        assert!(opens(&sandbox, &Credential::Passphrase(new.text().clone())));
        assert!(opens(&sandbox, &Credential::Key(recovery.unwrap())));
        assert_eq!(&*sandbox.item(&place("dev", "A")).current.value, b"1");
        assert!(sandbox.log().contains(&"passwd - ".to_owned()), "{:?}", sandbox.log());
        assert_eq!(left_to_others(&sandbox.session), []);
    }

    #[test]
    fn the_current_passphrase_is_not_a_new_one() {
        let mut sandbox = Sandbox::new();
        let word = chosen();
        let mut set = |current: &Credential| {
            let fallbacks = Fallbacks::default();
            passphrase(&mut sandbox.session, current, (&word, WORK_FACTOR), fallbacks, |_, _| Ok(()))
        };
        set(&Credential::Key(Key::generate().unwrap())).unwrap();
        let same = set(&Credential::Passphrase(word.text().clone())).err().unwrap();
        assert_eq!(same.reason(), Reason::SamePassphrase);
        assert_eq!(sandbox.log().iter().filter(|entry| entry.starts_with("passwd")).count(), 1);
    }

    #[test]
    fn a_new_recovery_key_invalidates_the_old_one_and_keeps_the_passphrase() {
        let mut sandbox = Sandbox::new();
        let word = chosen();
        let new = (&word, WORK_FACTOR);
        let (current, mut old, mut made) = (&sandbox.credential, None, None);
        passphrase(&mut sandbox.session, current, new, Fallbacks::default(), keep(&mut old)).unwrap();
        let credential = Credential::Passphrase(word.text().clone());
        let fallbacks = Fallbacks::default;
        let shown = keep(&mut made);
        recovery::renew(&mut sandbox.session, &credential, WORK_FACTOR, fallbacks(), shown).unwrap();
        let [old, made] = [old, made].map(|key| Credential::Key(key.unwrap()));
        assert!(opens(&sandbox, &credential) && opens(&sandbox, &made) && !opens(&sandbox, &old));
        let by_key = recovery::renew(&mut sandbox.session, &old, WORK_FACTOR, fallbacks(), |_, _| Ok(()));
        assert_eq!(by_key.err().unwrap().to_string(), "a new recovery key needs the passphrase, but a key was given");
        // A slot written by another tool may have any passphrase, but no new slot is made for a weak one.
        let weak = Credential::Passphrase(SecretString::from("password"));
        let by_weak = recovery::renew(&mut sandbox.session, &weak, WORK_FACTOR, fallbacks(), |_, _| Ok(()));
        assert!(by_weak.err().unwrap().to_string().starts_with("the passphrase is too easy to guess"));
    }

    #[test]
    fn keys_are_not_replaced_if_the_new_one_could_not_be_shown() {
        let mut sandbox = Sandbox::new();
        let mut first = None;
        key(&mut sandbox.session, Fallbacks::default(), keep(&mut first)).unwrap();
        let shown = |_: &Key, _: &Edit<'_>| Err(Error::failed("the terminal is gone"));
        assert!(key(&mut sandbox.session, Fallbacks::default(), shown).is_err());
        assert!(opens(&sandbox, &Credential::Key(first.unwrap())));
    }

    #[test]
    fn an_error_says_whether_a_key_was_shown_that_opens_nothing() {
        let mut sandbox = Sandbox::new();
        let path = sandbox.session.vault().path().to_owned();
        // Another program, which waits for no lock, replaces the file.
        let interfered = |_: &Key, _: &Edit<'_>| {
            let bytes = std::fs::read(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, bytes).unwrap();
            Ok(())
        };
        let error = key(&mut sandbox.session, Fallbacks::default(), interfered).unwrap_err();
        assert!(error.reason() == Reason::Changed && error.voids_key(), "{error}");
        let shown = |_: &Key, _: &Edit<'_>| Err(Error::failed("the terminal is gone"));
        assert!(!key(&mut sandbox.session, Fallbacks::default(), shown).unwrap_err().voids_key());
    }
}
