//! Opens an identity with a passphrase or a key, and checks it.

use super::credential::Credential;
use super::open::settled;
use super::parsed::Parsed;
use super::slot::{not_yours, open_with, open_with_key};
use super::{KeySession, Settings, Vault};
use crate::agent::KeptText;
use crate::error::{Error, Reason, Remedy, Result};
use crate::file::SlotKind;
use crate::identity::{Head, Identity, Key};
use crate::log::{self, Caller};
use crate::name::UserName;
use crate::roster::User;
use crate::secret::{ExposeSecret as _, SecretString};
use std::path::Path;
use zeroize::Zeroizing;

impl Vault {
    /// Opens the identity that the credential belongs to. An ASCII passphrase takes a single run of scrypt, whatever
    /// users there are. Another passphrase is tried in both Unicode normalization forms if the first is wrong. A user
    /// whose passphrase opened the vault is remembered. The session's log entries name the caller.
    ///
    /// # Errors
    /// An unlock error if it opens nothing, after an entry in the log that names the caller; a usage error if it is not
    /// clear whose passphrase it is; an integrity error if the slot does not belong to this vault, user or roster.
    pub fn unlock(self, credential: &Credential, user: Option<&UserName>, caller: &Caller) -> Result<KeySession> {
        let identity = self.identity(credential, user).map_err(|error| self.failed_unlock(user, caller, error))?;
        let known = self.marks.as_ref().and_then(|marks| marks.vouched_by(&identity));
        let session = KeySession::vouching(self, identity, known, caller)?;
        if matches!(credential, Credential::Passphrase(_)) {
            session.vault.remember_user(session.user());
        }
        Ok(session)
    }

    /// Does the work of [`Vault::unlock`] for a name that isn't a user's, so that a server takes as long to refuse
    /// it as to refuse a wrong passphrase. It takes as long for every passphrase of the same letters, even if a user has
    /// it.
    pub fn refuse_slowly(&self, passphrase: &SecretString) {
        let Some(user) = self.passphrase_users().first().copied() else { return };
        // The right passphrase would take less time.
        drop(self.identity(&Credential::Passphrase(nobodys(passphrase)), Some(user)));
    }

    /// Logs that somebody tried to unlock and failed, in the log of the user who was asked. Returns the error.
    pub(super) fn failed_unlock(&self, user: Option<&UserName>, caller: &Caller, error: Error) -> Error {
        let writer = self.passphrase_user(user).ok().map(|user| self.log_writer(user));
        log::failed_unlock(writer.as_ref(), &self.state_directory(), caller, error)
    }

    /// Opens and unlocks a vault with a key in one step, or returns `None` if anything is wrong. [`Vault::open`] and
    /// [`Vault::unlock`] report and log what is wrong. The identity is opened before the roster is verified, so the
    /// roster that it vouched for on this device is not verified again, even if others can write the state directory.
    #[must_use]
    pub fn open_with_key(path: &Path, key: &Key, settings: &Settings, caller: &Caller) -> Option<KeySession> {
        let opened = settled(path, |location, bytes, stamp| {
            let parsed = Parsed::read_at(location, bytes, stamp, settings)?;
            let Some((identity, user)) = open_with_key(parsed.file.slots.iter(), key)? else {
                let vault = parsed.fold(location, settings)?.prove_from(None)?;
                let identity = vault.renewed_identity(&|file| open_with_key(file.slots.iter(), key));
                let identity = identity.ok().flatten().ok_or_else(|| vault.opens_nothing(key))?;
                return KeySession::vouching(vault, identity, None, caller);
            };
            let known = parsed.marks.as_ref().and_then(|marks| marks.vouched_by(&identity));
            let vault = parsed.fold(location, settings)?.prove_from(known)?;
            let identity = vault.check_identity(identity, &user, known)?;
            KeySession::vouching(vault, identity, known, caller)
        });
        opened.ok()
    }

    /// Returns the identity that the credential opens. No failure is logged here.
    fn identity(&self, credential: &Credential, user: Option<&UserName>) -> Result<Identity> {
        let found = match credential {
            Credential::Key(key) => self.identity_of_key(key),
            Credential::Passphrase(passphrase) => self.open_with_passphrase(passphrase, user),
        };
        let is_other =
            |error: &Error| matches!(error.reason(), Reason::WrongPassphrase | Reason::NoPassphrase | Reason::WrongKey);
        found.or_else(|error| {
            if !is_other(&error) {
                return Err(error);
            }
            let renewed = self.renewed_identity(&|file| match credential {
                Credential::Key(key) => open_with_key(file.slots.iter(), key),
                Credential::Passphrase(passphrase) => self.open_newer(file, passphrase, user),
            });
            // An error about the newer file would not answer what the user asked.
            renewed.ok().flatten().ok_or(error)
        })
    }

    /// Creates a session with keys that were unlocked before, by another process or for an earlier request.
    ///
    /// # Errors
    /// The same as for [`Vault::unlock`], if they are not the current keys of a user.
    pub fn unlock_with(self, identity: Identity, caller: &Caller) -> Result<KeySession> {
        let user = identity.user.clone();
        let known = self.marks.as_ref().and_then(|marks| marks.vouched_by(&identity));
        let identity = self.check_identity(identity, &user, known)?;
        KeySession::vouching(self, identity, known, caller)
    }

    /// Creates a session with keys that this process keeps, as [`Vault::unlock_with`] does.
    ///
    /// # Errors
    /// The same as for [`Vault::unlock_with`], and if the keys were wiped.
    pub fn unlock_kept(self, kept: &mut KeptText, caller: &Caller) -> Result<KeySession> {
        self.unlock_with(kept.identity()?, caller)
    }

    fn open_with_passphrase(&self, passphrase: &SecretString, user: Option<&UserName>) -> Result<Identity> {
        let user = self.passphrase_user(user)?;
        let slot = self.slots().find(|slot| slot.kind == SlotKind::Passphrase && slot.user == *user);
        let slot = slot.ok_or_else(|| Error::new(Reason::NoPassphrase, format!("{user} has no passphrase here")))?;
        let plaintext = open_with(passphrase, slot)?.ok_or_else(|| self.wrong_passphrase(user))?;
        let text = std::str::from_utf8(&plaintext).map_err(|_| not_yours(user))?;
        self.check_identity(Identity::from_text(text)?, user, None)
    }

    fn wrong_passphrase(&self, user: &UserName) -> Error {
        let error = Error::new(Reason::WrongPassphrase, "wrong passphrase");
        if let Some(removed) = self.last_user().and_then(|last| self.removal(&last)) {
            return error.hint((
                format!("{removed}, and was the last user here, so it was tried for {user}; are you another user? "),
                Remedy::NameUser,
            ));
        }
        if self.passphrase_users().len() > 1 {
            return error.hint((format!("it was tried for {user}; are you another user? "), Remedy::NameUser));
        }
        error.hint(("forgotten? unlock with your recovery key, and choose a new one: ", Remedy::Recover))
    }

    fn identity_of_key(&self, key: &Key) -> Result<Identity> {
        if let Some((identity, user)) = open_with_key(self.slots(), key)? {
            return self.check_identity(identity, &user, None);
        }
        if let Some((name, _)) =
            self.roster.state().users.iter().find(|(_, user)| key.is_private_half_of(&user.keys.recipient))
        {
            return Err(Error::unlock(format!(
                "this is the identity key of {name}, which opens environments, not the vault"
            ))
            .hint("use the other key that was printed; this one is for recovery with stock age only"));
        }
        Err(self.opens_nothing(key))
    }

    fn opens_nothing(&self, key: &Key) -> Error {
        let error = |what: &'static str| Error::new(Reason::WrongKey, what);
        match self.opened_elsewhere(key) {
            Some(holder) => error("the key does not open this vault: this file is older than the key")
                .hint(format!("{holder} has a file that it opens; this one opens with the key that was valid then")),
            None => error("the key does not open this vault").hint(
                "its user's keys were replaced since, or its user was removed: ask for a new key; for an older file, use \
                 the key that was valid then",
            ),
        }
    }

    /// Checks an opened identity. A slot is authentic, because only its secret can make it. But it may be old, or
    /// copied from another vault or user. If the identity vouched for this roster, its keys are known to be the user's.
    pub(super) fn check_identity(
        &self,
        identity: Identity,
        user: &UserName,
        vouched: Option<Head>,
    ) -> Result<Identity> {
        if identity.vault != self.id() || identity.user != *user {
            return Err(not_yours(user));
        }
        let is_vouched_for = vouched == Some(self.roster.head());
        // Deriving the public keys takes a tenth of the time of a warm start.
        if is_vouched_for && self.roster.contains(identity.roster) {
            return Ok(identity);
        }
        let is_user = |known: &User| Ok::<bool, Error>(identity.keys.public()? == known.keys);
        let is_current = self.roster.state().users.get(&identity.user).map_or(Ok(false), is_user)?;
        if !self.has_seen(identity.roster, is_current) {
            return Err(Error::integrity(format!(
                "the roster is older than the one {} unlocked before: change {} is missing",
                identity.user, identity.roster.version
            ))
            .hint("somebody put an old file back: get the newest one"));
        }
        if is_vouched_for || is_current {
            return Ok(identity);
        }
        Err(Error::new(
            Reason::KeysReplaced,
            format!("this opens old keys of {}, which have been replaced", identity.user),
        )
        .hint("use the newer passphrase or key"))
    }
}

/// Makes a passphrase that opens nothing, but takes as long to try: a control character is in no passphrase, and changes
/// none of the spellings.
fn nobodys(passphrase: &SecretString) -> SecretString {
    let text = passphrase.expose_secret();
    let mut other = Zeroizing::new(String::with_capacity(text.len() + 1));
    other.push('\0');
    other.push_str(text);
    SecretString::from(other.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dangerous::AllowedOnce;
    use crate::item::Content;
    use crate::log::{Extent, ProgramName};
    use crate::name::EnvironmentName;
    use crate::passphrase::spellings;
    use crate::vault::{Creation, Keyring, Purpose, Use, create};

    #[test]
    fn entries_name_the_caller_however_a_session_is_opened() {
        let (directory, key) = (tempfile::tempdir().unwrap(), Key::generate().unwrap());
        let (path, settings) = (directory.path().join("secrets.vault"), Settings::at(directory.path().join("state")));
        let (shop, dev) = (Caller::new(ProgramName::new("shop").unwrap()), EnvironmentName::new("dev").unwrap());
        let creation = Creation {
            user: UserName::new("mia").unwrap(),
            email: None,
            environments: [(dev.clone(), Content::default())].into(),
            slots: Keyring { passphrase: None, key: &key },
            allowed: AllowedOnce::default(),
            caller: shop.clone(),
        };
        let created = create(&path, creation, &settings, |_, _| Ok(())).unwrap();
        let open = || Vault::open(&path, &settings).unwrap();
        let identity = created.identity().unwrap().clone();
        let sessions = [
            created.reopen().unwrap(),
            created,
            Vault::open_with_key(&path, &key, &settings, &shop).unwrap(),
            open().unlock_with(identity, &shop).unwrap(),
            open().unlock(&Credential::Key(key), None, &shop).unwrap(),
        ];
        for session in &sessions {
            let purpose = Purpose::new(Use::Get);
            session.read(&purpose, session.open(&purpose, &dev).unwrap()).unwrap();
        }
        let log = sessions[0].read_log_of(sessions[0].user(), Extent::Whole).unwrap();
        let entries: Vec<_> = log.lines().map(|line| line.unwrap().entry).collect();
        assert_eq!(entries.len(), 1 + sessions.len(), "the first is about the creation");
        assert!(entries.iter().all(|entry| entry.program == "shop"), "{entries:?}");
    }

    #[test]
    fn nobodys_passphrase_has_as_many_spellings_and_is_no_spelling_of_the_right_one() {
        for text in ["orbit velvet cactus", "caf\u{e9} orbit", "cafe\u{301} orbit", "cafe\u{301} caf\u{e9}"] {
            let right = SecretString::from(text);
            let (tried, right) = (spellings(&nobodys(&right)), spellings(&right));
            assert_eq!(tried.len(), right.len(), "{text}");
            for one in &tried {
                assert!(right.iter().all(|right| right.expose_secret() != one.expose_secret()), "{text}");
            }
        }
    }
}
