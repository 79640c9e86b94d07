//! Requests to join with a name and a passphrase, like a sign-up at a server. The keys are made here, like those of a
//! [`KeyRequest`], and are kept in the vault's state directory, encrypted with the passphrase, until an admin adds the
//! user.

use super::{KeyRequest, Vault};
use crate::crypto::{self, WorkFactor, dearmor};
use crate::error::{Error, Reason, Result};
use crate::fs;
use crate::identity::{Identity, Key, PrivateKeys};
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
pub struct OpenAsked {
    /// The user's private keys.
    pub identity: Identity,
    /// The recovery key that was shown when the person asked.
    pub recovery: Key,
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
    #[must_use]
    pub fn asked(&self) -> Vec<Asking> {
        let Ok(entries) = std::fs::read_dir(self.state_directory()) else { return Vec::new() };
        let name = |entry: std::fs::DirEntry| UserName::new(entry.file_name().to_str()?.strip_prefix(PREFIX)?).ok();
        let mut names: Vec<_> = entries.filter_map(|entry| name(entry.ok()?)).collect();
        names.retain(|name| !self.roster().state().users.contains_key(name));
        names.sort_unstable();
        names.iter().filter_map(|name| self.asked_by(name).ok().flatten().map(|(asked, _)| asked)).collect()
    }

    /// Returns the keys of a person who asked here, if this is their passphrase. It makes no difference whether an
    /// admin has added them.
    ///
    /// # Errors
    /// If the request is damaged.
    pub fn open_asked(&self, user: &UserName, passphrase: &SecretString) -> Result<Option<OpenAsked>> {
        let Some((_, sealed)) = self.asked_by(user)? else { return Ok(None) };
        let sealed = dearmor(&sealed)?;
        for spelling in passphrase::spellings(passphrase) {
            let Some(plain) = crypto::decrypt_with_passphrase(&sealed, &spelling)? else { continue };
            let opened = std::str::from_utf8(&plain).ok().and_then(|text| text.split_once('\n'));
            let (recovery, identity) = opened.ok_or_else(damaged)?;
            let identity = Identity::from_text(identity)?;
            if identity.vault != self.id() || identity.user != *user {
                return Err(damaged());
            }
            return Ok(Some(OpenAsked { identity, recovery: Key::parse(recovery)? }));
        }
        Ok(None)
    }

    /// Returns whether somebody asked here to join with this name.
    #[must_use]
    pub fn has_asked(&self, user: &UserName) -> bool {
        self.asked_path(user).exists()
    }

    /// Deletes a request.
    ///
    /// # Errors
    /// A not-found error if there is none; or if the file can't be removed.
    pub fn forget_asked(&self, user: &UserName) -> Result<()> {
        let path = self.asked_path(user);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Error::not_found(format!("nobody asked to join as \"{user}\" here")))
            }
            Err(error) => Err(Error::io("remove", &path, &error)),
            Ok(()) => Ok(()),
        }
    }

    /// Deletes the requests of removed users who never signed in. They would wait again, with the keys that were removed.
    ///
    /// # Errors
    /// Under strict settings, if a file can't be removed. Otherwise that is a warning.
    pub(crate) fn forget_removed(&self, users: &[UserName]) -> Result<()> {
        for user in users.iter().filter(|user| self.has_asked(user)) {
            if let Err(error) = self.forget_asked(user) {
                self.warn(format!("the request of {user} to join is still here: {error}"))?;
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

fn damaged() -> Error {
    Error::integrity("the record of requests to join is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dangerous::AllowedOnce;
    use crate::item::Content;
    use crate::log::{Action, Entry};
    use crate::name::EnvironmentName;
    use crate::roster::Role;
    use crate::vault::{Creation, Credential, Keyring, NewUser, Session, Settings, create};

    const PASSPHRASE: &str = "seven-otters-3-sleep";

    /// Mia's vault, in its own directory.
    struct Sandbox {
        session: Session,
        _directory: tempfile::TempDir,
    }

    impl Sandbox {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let (file, key) = (directory.path().join("secrets.vault"), Key::generate().unwrap());
            let settings = Settings { state: directory.path().join("state"), ..Settings::default() };
            let slots = Keyring { passphrase: None, key: &key };
            let user = UserName::new("mia").unwrap();
            let creation = Creation {
                user,
                email: None,
                environments: [(EnvironmentName::new("dev").unwrap(), Content::default())].into(),
                slots,
                allowed: AllowedOnce::default(),
                reason: None,
            };
            create(&file, creation, &settings, |_, _| Ok(())).unwrap();
            let vault = Vault::open(&file, &settings).unwrap();
            Self { session: vault.unlock(&Credential::Key(key), None).unwrap(), _directory: directory }
        }
    }

    fn eva() -> UserName {
        UserName::new("eva").unwrap()
    }

    fn passphrase(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    fn strong() -> Strong {
        Strong::new(&passphrase(PASSPHRASE)).unwrap()
    }

    #[test]
    fn a_request_opens_only_with_its_passphrase_and_its_keys_are_added() {
        let mut sandbox = Sandbox::new();
        let vault = sandbox.session.vault();
        let (asked, recovery) = vault.ask_to_join(&eva(), &strong(), WorkFactor::LOWEST).unwrap();
        assert_eq!(vault.asked().iter().map(|one| &one.request).collect::<Vec<_>>(), [&asked.request]);
        assert!(vault.open_asked(&eva(), &passphrase("another-staple-9-lamp")).unwrap().is_none());
        let opened = vault.open_asked(&eva(), &passphrase(PASSPHRASE)).unwrap().unwrap();
        assert_eq!(opened.identity.keys.public().unwrap(), asked.request.keys.keys);
        assert_eq!(opened.recovery.to_text().expose_secret(), recovery.to_text().expose_secret());
        let kept = std::fs::read_to_string(vault.asked_path(&eva())).unwrap();
        assert!(!kept.contains("AGE-SECRET-KEY") && kept.starts_with("vault-keys-1,eva,"), "{kept}");

        let user = NewUser { name: eva(), email: None, role: Role::Member, grants: Vec::new() };
        let added = sandbox.session.edit(&[Entry::new(Action::UserAdd).note("eva")], |edit| {
            let keys = asked.request.keys_for(&eva(), edit.roster())?;
            edit.add_user_with_keys(user, keys)?;
            edit.log(Entry::new(Action::UserAdd).note("eva"));
            Ok(())
        });
        added.unwrap();
        let vault = sandbox.session.vault();
        assert!(vault.asked().is_empty() && vault.has_asked(&eva()), "added, but not joined yet");
        vault.forget_asked(&eva()).unwrap();
        assert!(vault.forget_asked(&eva()).is_err() && !vault.has_asked(&eva()));
    }

    #[test]
    fn a_name_can_be_requested_only_once() {
        let sandbox = Sandbox::new();
        let vault = sandbox.session.vault();
        let refused = |user: &str| {
            let asked = vault.ask_to_join(&UserName::new(user).unwrap(), &strong(), WorkFactor::LOWEST);
            asked.err().map(|error| error.reason())
        };
        assert_eq!(refused("mia"), Some(Reason::Exists));
        vault.ask_to_join(&eva(), &strong(), WorkFactor::LOWEST).unwrap();
        assert_eq!(refused("eva"), Some(Reason::Exists));
        let line = std::fs::read_to_string(vault.asked_path(&eva())).unwrap();
        for number in 1..MOST {
            // The public part is enough for a request to count.
            let name = format!("eva{number}");
            let keys = PrivateKeys::generate().unwrap();
            let user = UserName::new(&*name).unwrap();
            let keys = vault.roster().sign_new_keys(&user, &keys).unwrap();
            let other = format!("{}\n{}", KeyRequest { user, keys }, line.split_once('\n').unwrap().1);
            std::fs::write(vault.state_directory().join(format!("{PREFIX}{name}")), other).unwrap();
        }
        assert_eq!(refused("one-more"), Some(Reason::TooLarge));
    }
}
