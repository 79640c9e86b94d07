//! From a passphrase or a key to an identity, and every check on it.

use super::{Session, Vault};
use crate::crypto;
use crate::error::{Error, Result};
use crate::file::{Slot, SlotKind};
use crate::identity::{Identity, Key};
use crate::name::UserName;
use crate::secret::SecretString;

/// What opens a slot.
pub enum Credential {
    /// By scrypt.
    Passphrase(SecretString),
    /// A key of a machine, or a recovery key.
    Key(Key),
}

impl Vault {
    /// Opens the identity that the credential is for. A passphrase costs one scrypt, whoever the users are.
    ///
    /// # Errors
    /// An unlock error if it opens nothing; a usage error if it is not clear whose passphrase it is; an integrity error
    /// if the slot is not of this vault, user or roster.
    pub fn unlock(self, credential: &Credential, user: Option<&UserName>) -> Result<Session> {
        let identity = self.identity(credential, user)?;
        Session::new(self, identity)
    }

    /// As [`Vault::unlock`], but gives the identity alone.
    ///
    /// # Errors
    /// As [`Vault::unlock`].
    pub fn identity(&self, credential: &Credential, user: Option<&UserName>) -> Result<Identity> {
        match credential {
            Credential::Key(key) => self.open_with_key(key),
            Credential::Passphrase(passphrase) => self.open_with_passphrase(passphrase, user),
        }
    }

    /// The users who have a passphrase.
    #[must_use]
    pub fn passphrase_users(&self) -> Vec<&UserName> {
        self.file.slots.iter().filter(|slot| slot.kind == SlotKind::Passphrase).map(|slot| &slot.user).collect()
    }

    /// Whose passphrase to ask for: the one named, else the only one.
    ///
    /// # Errors
    /// An unlock error if that user has none; a usage error if there are several.
    pub fn passphrase_user(&self, named: Option<&UserName>) -> Result<&UserName> {
        let users = self.passphrase_users();
        if let Some(named) = named {
            self.roster.state().user(named)?;
            return users.into_iter().find(|user| *user == named).ok_or_else(|| {
                Error::unlock(format!("{named} has no passphrase here"))
                    .hint("use the user's key: VAULT_KEY or VAULT_KEY_FILE")
            });
        }
        match users[..] {
            [only] => Ok(only),
            [] => Err(Error::unlock("nobody has a passphrase here").hint("use a key: VAULT_KEY or VAULT_KEY_FILE")),
            _ => {
                let names: Vec<_> = users.iter().map(|user| user.as_str()).collect();
                Err(Error::usage("several users have a passphrase here")
                    .hint(format!("say which one you are: --user NAME or VAULT_USER ({})", names.join(", "))))
            }
        }
    }

    fn open_with_passphrase(&self, passphrase: &SecretString, user: Option<&UserName>) -> Result<Identity> {
        let user = self.passphrase_user(user)?;
        let slot = self.file.slots.iter().find(|slot| slot.kind == SlotKind::Passphrase && slot.user == *user);
        let slot = slot.ok_or_else(|| Error::unlock(format!("{user} has no passphrase here")))?;
        let bytes = crypto::dearmor(&slot.data)?;
        let plaintext = crypto::decrypt_with_passphrase(&bytes, passphrase)?.ok_or_else(|| {
            Error::unlock("wrong passphrase")
                .hint("forgotten? unlock with your recovery key: VAULT_KEY=... vault passwd")
        })?;
        let text = std::str::from_utf8(&plaintext).map_err(|_| not_yours(slot))?;
        self.check_identity(Identity::from_text(text)?, slot)
    }

    fn open_with_key(&self, key: &Key) -> Result<Identity> {
        let hint = key.hint();
        let matching = |slot: &&Slot| matches!(&slot.kind, SlotKind::Key { hint: of } if *of == hint);
        for slot in self.file.slots.iter().filter(matching) {
            if let Some(identity) = key.open(&slot.data)? {
                return self.check_identity(identity, slot);
            }
        }
        if let Some((name, _)) =
            self.roster.state().users.iter().find(|(_, user)| key.is_private_half_of(&user.keys.recipient))
        {
            return Err(Error::unlock(format!(
                "this is the identity key of {name}, which opens environments, not the vault"
            ))
            .hint("use the key that vault printed for VAULT_KEY; this one is for recovery with stock age only"));
        }
        Err(Error::unlock("the key opens nothing here")
            .hint("keys end with the next change of the user's keys (passwd, recovery, join); ask for a new one"))
    }

    /// A slot is authentic because only its secret makes it; but it may be old, or of another vault or user.
    fn check_identity(&self, identity: Identity, slot: &Slot) -> Result<Identity> {
        if identity.vault != self.id() || identity.user != slot.user {
            return Err(not_yours(slot));
        }
        if !self.roster.contains(identity.roster) {
            return Err(Error::integrity(format!(
                "the roster is older than the one {} unlocked before: change {} is missing",
                identity.user, identity.roster.version
            ))
            .hint("somebody put an old file back: take the newest one"));
        }
        let user = self.roster.state().users.get(&identity.user);
        let current = user.map_or(Ok(false), |user| Ok(identity.keys.public()? == user.keys))?;
        if current {
            return Ok(identity);
        }
        Err(Error::unlock(format!("this opens old keys of {}, which were replaced", identity.user))
            .hint("use the newer passphrase or key"))
    }
}

fn not_yours(slot: &Slot) -> Error {
    Error::integrity(format!("the slot of {} was taken from another vault or user", slot.user))
        .hint("take the file from a copy you trust")
}
