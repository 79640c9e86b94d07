//! Requests to join with a name and a passphrase, like a sign-up at a server. The keys are made here, like those of a
//! [`KeyRequest`], and are kept in the vault's state directory, encrypted with the passphrase, until an admin adds the
//! user.

use super::{Fallbacks, Joining, KeyRequest, KeySession, Session, Vault, Warning, WarningReason, not_added};
use crate::crypto::{self, WorkFactor, dearmor};
use crate::error::{Error, Reason, Remedy, Result};
use crate::fs;
use crate::identity::{Identity, Key, PrivateKeys};
use crate::log::Caller;
use crate::name::UserName;
use crate::passphrase::{self, Strong};
use crate::roster::user_exists;
use crate::secret::{ExposeSecret as _, SecretString};
use crate::time::Time;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The most requests that can wait at a time.
const MOST: usize = 32;
/// The largest file of a request, in bytes.
const LARGEST: usize = 64 * 1024;
/// The beginning of the names of these files.
const PREFIX: &str = "asked-";

/// A person who asked to join, and waits for an admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The request with which an admin adds the person.
    pub request: KeyRequest,
    /// When the person asked.
    pub since: Time,
}

/// What the right passphrase opens.
struct OpenAsked {
    /// The user's private keys.
    identity: Identity,
    /// The recovery key that was shown when the person asked.
    recovery: Key,
}

impl Vault {
    /// Makes keys and a recovery key for a person who is no user yet, and keeps them encrypted with the passphrase.
    ///
    /// # Errors
    /// A usage error if the user exists, somebody asked for this name before, or too many
    /// requests are waiting; or if the keys can't be stored.
    pub fn ask_to_join(&self, user: &UserName, passphrase: &Strong, work_factor: WorkFactor) -> Result<(Asking, Key)> {
        if self.roster().state().users.contains_key(user) {
            return Err(user_exists(user));
        }
        if self.requests().contains(user) || self.asked_path(user).exists() {
            return Err(Error::new(Reason::Exists, format!("somebody already asked to join as \"{user}\"")));
        }
        if self.asked().len() >= MOST {
            return Err(Error::new(
                Reason::TooLarge,
                format!("{MOST} requests to join are already waiting for an admin"),
            )
            .hint("an admin must add or refuse them first"));
        }
        let (keys, recovery) = (PrivateKeys::generate()?, Key::generate()?);
        let signed = self.roster().sign_new_keys(user, &keys)?;
        let identity = Identity { vault: self.id(), user: user.clone(), keys, roster: self.roster().head() };
        let plain = Zeroizing::new(format!("{}\n{}", recovery.to_text().expose_secret(), *identity.to_text()));
        let sealed = crypto::encrypt_with_passphrase(passphrase.text().clone(), work_factor, plain.as_bytes())?;
        let request = KeyRequest { user: user.clone(), keys: signed };
        fs::create_state_directory(&self.state_directory())?;
        fs::write_private(&self.asked_path(user), format!("{request}\n{sealed}\n").as_bytes())?;
        Ok((Asking { request, since: Time::now() }, recovery))
    }

    /// Returns the people who asked here and wait for an admin, by name. Requests that can't be read are left out.
    pub(crate) fn asked(&self) -> Vec<Asking> {
        let Ok(entries) = std::fs::read_dir(self.state_directory()) else { return Vec::new() };
        let name = |entry: std::fs::DirEntry| UserName::new(entry.file_name().to_str()?.strip_prefix(PREFIX)?).ok();
        let mut names: Vec<_> = entries.filter_map(|entry| name(entry.ok()?)).collect();
        names.retain(|name| !self.roster().state().users.contains_key(name));
        names.sort_unstable();
        names.iter().filter_map(|name| self.asked_by(name).ok().flatten().map(|(asked, _)| asked)).collect()
    }

    /// Opens a session for a person who asked to join with this passphrase and was added since. Their keys are replaced
    /// by new ones that were never stored outside the vault, and the request is deleted.
    ///
    /// # Errors
    /// An unlock error if this is not the passphrase, or if the keys of the request are not the user's, after an entry
    /// in the log that names the caller; an unlock error with [`Reason::NotAdded`] if no admin has added the person; an
    /// integrity error if the request is damaged; and the same as for [`KeySession::join`]. Under strict settings, also if
    /// the request can't be deleted.
    pub fn join_asked(
        self,
        user: &UserName,
        passphrase: &SecretString,
        work_factor: WorkFactor,
        caller: &Caller,
    ) -> Result<KeySession> {
        let failed = |error| self.failed_unlock(Some(user), caller, error);
        let OpenAsked { identity, recovery } = self.open_asked(user, passphrase).map_err(failed)?;
        if !self.roster().state().users.contains_key(user) {
            return Err(not_added(user));
        }
        // Keys that aren't the user's are from somebody else's request for the same name.
        let identity = self.check_identity(identity, user, None).map_err(failed)?;
        let passphrase = Strong::new(passphrase)?;
        let mut session = self.unlock_with(identity, caller)?;
        let joining =
            Joining { passphrase: &passphrase, work_factor, recovery: &recovery, fallbacks: Fallbacks::default() };
        session.join(joining, |_| Ok(()))?;
        session.vault().forget_all_asked(std::slice::from_ref(user))?;
        Ok(session)
    }

    /// Returns the keys of a person who asked here. It makes no difference whether an admin has added them.
    ///
    /// # Errors
    /// An unlock error if this is not their passphrase, or nobody asked; an integrity error if the request is damaged.
    fn open_asked(&self, user: &UserName, passphrase: &SecretString) -> Result<OpenAsked> {
        let wrong = || Error::new(Reason::WrongPassphrase, "wrong passphrase");
        let (_, sealed) = self.asked_by(user)?.ok_or_else(wrong)?;
        let sealed = dearmor(&sealed)?;
        for spelling in passphrase::spellings(passphrase) {
            let Some(plain) = crypto::decrypt_with_passphrase(&sealed, &spelling)? else { continue };
            let opened = std::str::from_utf8(&plain).ok().and_then(|text| text.split_once('\n'));
            let (recovery, identity) = opened.ok_or_else(damaged)?;
            let identity = Identity::from_text(identity)?;
            if identity.vault != self.id() || identity.user != *user {
                return Err(damaged());
            }
            return Ok(OpenAsked { identity, recovery: Key::parse(recovery)? });
        }
        Err(wrong())
    }

    /// Returns whether this user signs in with the passphrase of a request: they asked here, and have no passphrase in
    /// the vault yet.
    #[must_use]
    pub fn joins_by_asking(&self, user: &UserName) -> bool {
        self.has_asked(user) && !self.passphrase_users().contains(&user)
    }

    /// Returns whether somebody asked here to join with this name.
    pub(crate) fn has_asked(&self, user: &UserName) -> bool {
        self.asked_path(user).exists()
    }

    /// Deletes a request.
    ///
    /// # Errors
    /// A not-found error if there is none; or if the file can't be removed.
    fn forget_asked(&self, user: &UserName) -> Result<()> {
        let path = self.asked_path(user);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Error::not_found(format!("nobody asked to join as \"{user}\" here")))
            }
            Err(error) => Err(Error::io("remove", &path, &error)),
            Ok(()) => Ok(()),
        }
    }

    /// Deletes the requests of users who have joined, or were removed before. Those of removed users would wait again,
    /// with the keys that were removed.
    ///
    /// # Errors
    /// Under strict settings, if a file can't be removed. Otherwise that is a warning. The change to the users is already
    /// in the file.
    pub(crate) fn forget_all_asked(&self, users: &[UserName]) -> Result<()> {
        for user in users.iter().filter(|user| self.has_asked(user)) {
            if let Err(error) = self.forget_asked(user) {
                let left = format!("the request of {user} to join is still here: {error}");
                self.warn(Warning::new(WarningReason::NotDeleted, left)).map_err(Error::after_the_change)?;
            }
        }
        Ok(())
    }

    /// Returns a request and its encrypted part.
    fn asked_by(&self, user: &UserName) -> Result<Option<(Asking, String)>> {
        let path = self.asked_path(user);
        let Some(bytes) = fs::read_if_there(&path, LARGEST)? else { return Ok(None) };
        let text = String::from_utf8(bytes).map_err(|_| damaged())?;
        let (line, sealed) = text.split_once('\n').ok_or_else(damaged)?;
        let request: KeyRequest = line.parse().map_err(|_| damaged())?;
        let modified = std::fs::metadata(&path).and_then(|metadata| metadata.modified());
        let since = modified.map_or_else(|_| Time::now(), |time| Time::from(chrono::DateTime::from(time)));
        let is_own = request.user == *user;
        if is_own { Ok(Some((Asking { request, since }, sealed.to_owned()))) } else { Err(damaged()) }
    }

    fn asked_path(&self, user: &UserName) -> PathBuf {
        self.state_directory().join(format!("{PREFIX}{user}"))
    }
}

impl Session {
    /// Returns the people who asked here and wait for an admin, by name. Requests that can't be read are left out.
    ///
    /// # Errors
    /// A denied error if the user is no admin.
    pub fn asked(&self) -> Result<Vec<Asking>> {
        let vault = self.vault();
        vault.roster().state().check_admin(self.user())?;
        Ok(vault.asked())
    }

    /// Deletes a request to join.
    ///
    /// # Errors
    /// A denied error if the user is no admin, or if the person has been added: until their first sign-in, they have no
    /// other way into the vault than the keys of the request. A not-found error if nobody asked.
    pub fn refuse_asked(&self, user: &UserName) -> Result<()> {
        let vault = self.vault();
        let state = vault.roster().state();
        state.check_admin(self.user())?;
        if state.users.contains_key(user) {
            let remove = Remedy::RemoveUser(user.to_string());
            return Err(Error::denied(format!("{user} has already been added")).hint(("to remove the user: ", remove)));
        }
        vault.forget_asked(user)
    }
}

fn damaged() -> Error {
    Error::integrity("the record of requests to join is damaged")
}

#[cfg(test)]
mod tests;
