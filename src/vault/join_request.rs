//! Requests to join in which nobody else ever knows a secret: the keys are made here, and an admin gets only the public
//! halves.
//!
//! The private halves are kept in the vault's state directory, with mode 0600, until [`Vault::open_requested`] and the
//! replacement of keys that follows it. The new keys sign for the vault and the user's name (vault-format(5),
//! `vault/keys/v1`), so a request stays valid whatever else changes in the meantime. Several people can ask at the same
//! time, and be added in any order.

use super::users::several_users;
use super::{CredentialKind, KeySession, Vault};
use crate::error::{Error, Reason, Remedy, Result};
use crate::fs;
use crate::identity::{Identity, PrivateKeys, PublicKeys, Recipient};
use crate::log::Caller;
use crate::name::UserName;
use crate::ordered::InOrder as _;
use crate::roster::{NewKeys, Roster, user_exists};
use crate::signature::Hash;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The largest identity that is kept, in bytes.
const MAX_IDENTITY: usize = 16 * 1024;
const PREFIX: &str = "vault-keys-1";

/// What a person who wants to become a user gives to an admin: one line without spaces that holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRequest {
    /// The user's name.
    pub user: UserName,
    /// The keys, signed with themselves.
    pub keys: NewKeys,
}

impl KeyRequest {
    /// Returns 80 bits of a hash of the keys, for two people to compare by voice: `1a2b 3c4d 5e6f 7081 92a3`.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let PublicKeys { recipient, verifying_key } = &self.keys.keys;
        let hash = Hash::of(&[recipient.as_str().as_bytes(), verifying_key.as_bytes()].concat()).to_string();
        let groups: Vec<&str> = (0..5).map(|group| &hash[4 * group..4 * group + 4]).collect();
        groups.join(" ")
    }

    /// Returns the keys, if the request is from this user and was made for this vault.
    ///
    /// # Errors
    /// A usage error that says what to do.
    pub(crate) fn keys_for(self, user: &UserName, roster: &Roster) -> Result<NewKeys> {
        let Self { user: owner, keys } = self;
        if owner != *user {
            return Err(Error::usage(format!("these are the keys of \"{owner}\", not of \"{user}\""))
                .hint(("the name is part of what was signed: ", Remedy::AddRequested(owner.to_string()))));
        }
        roster.check_keys(user, &keys).map_err(|_| {
            Error::usage("the keys were not made for this vault, or the line was changed in transit")
                .hint((format!("{user} must ask again, with a file of this vault: "), Remedy::RequestKeys))
        })?;
        Ok(keys)
    }
}

impl fmt::Display for KeyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, keys: NewKeys { keys: PublicKeys { recipient, verifying_key }, signature } } = self;
        write!(f, "{PREFIX},{user},{recipient},{verifying_key},{signature}")
    }
}

impl FromStr for KeyRequest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut unknown_kind = None;
        let mut read = || -> Option<Self> {
            let [prefix, user, recipient, verifying_key, signature] =
                text.trim().split(',').collect::<Vec<_>>().try_into().ok()?;
            if prefix == PREFIX && !Recipient::is_known_kind(recipient) {
                unknown_kind = Recipient::from_trusted(recipient).err();
            }
            let keys = PublicKeys { recipient: recipient.parse().ok()?, verifying_key: verifying_key.parse().ok()? };
            let keys = NewKeys { keys, signature: signature.parse().ok()? };
            let request = Self { user: UserName::new(user).ok()?, keys };
            (prefix == PREFIX).then_some(request)
        };
        let request = read();
        request.ok_or_else(|| {
            if let Some(error) = unknown_kind {
                return error;
            }
            Error::usage("these are not public keys").hint((
                "give the whole line that ",
                Remedy::RequestKeys,
                format!(" printed: {PREFIX},..."),
            ))
        })
    }
}

/// The state of a request.
pub enum Requested {
    /// An admin has added the user with these keys.
    Added(Identity),
    /// The user has not been added yet.
    Waiting,
    /// Nobody asked here.
    No,
}

/// Returns the error for a user whose request is waiting.
#[must_use]
pub fn not_added(user: &UserName) -> Error {
    Error::new(Reason::NotAdded, format!("\"{user}\" asked to join but has not been added yet")).hint((
        "an admin runs ",
        Remedy::AddRequested(user.to_string()),
        ", then you get the new file",
    ))
}

impl Vault {
    /// Makes keys for a person who is not a user yet, keeps the private halves on this device, and returns the public
    /// halves, signed for this vault. A second request gets the same keys.
    ///
    /// # Errors
    /// A usage error if the user exists; or if the keys can't be stored.
    pub fn request_keys(&self, user: &UserName) -> Result<KeyRequest> {
        if self.roster.state().users.contains_key(user) {
            return Err(user_exists(user).hint((
                "if that is you: ",
                Remedy::Join(None),
                "; otherwise choose another name: ",
                Remedy::NameUser,
            )));
        }
        let kept = match self.load_request(user)? {
            // The user was added and removed before joining. Keys are never used twice.
            Some(identity) if self.had_keys(&identity.keys.public()?) => None,
            kept => kept,
        };
        let keys = kept.map_or_else(PrivateKeys::generate, |identity| Ok(identity.keys))?;
        let identity = Identity { vault: self.id(), user: user.clone(), keys, roster: self.roster.head() };
        fs::create_state_directory(&self.state_directory())?;
        fs::write_private(&self.request_path(user), identity.to_text().as_bytes())?;
        let keys = self.roster.sign_new_keys(user, &identity.keys)?;
        Ok(KeyRequest { user: user.clone(), keys })
    }

    /// Returns whether this user asked on this device, and was added.
    ///
    /// # Errors
    /// An unlock error if the user was added with other keys.
    pub fn requested(&self, user: &UserName) -> Result<Requested> {
        let Some(identity) = self.load_request(user)? else { return Ok(Requested::No) };
        if !self.roster.state().users.contains_key(user) {
            return Ok(Requested::Waiting);
        }
        self.check_identity(identity, user, None).map(Requested::Added)
    }

    /// Returns the user who asked to join on this device: the named one, or else the only one. A named user may not have
    /// asked: see [`Vault::requested`].
    ///
    /// # Errors
    /// A usage error ([`Reason::SeveralUsers`]) if several users asked and none is named.
    pub fn requested_user(&self, named: Option<&UserName>) -> Result<Option<UserName>> {
        if let Some(named) = named {
            return Ok(Some(named.clone()));
        }
        match &self.requests()[..] {
            [] => Ok(None),
            [only] => Ok(Some(only.clone())),
            several => Err(several_users("asked to join on this device", String::new(), several)),
        }
    }

    /// Checks that whoever unlocks the vault is not a person whose request to join is unfinished. `given` is the kind of
    /// the credential; `None` if the user would be asked for a passphrase.
    ///
    /// A key says whose it is, and a passphrase without a name may be any user's, so neither is refused. If nothing is
    /// given and nobody is named, it is the person who asked to join here, unless a user has used a passphrase on this
    /// device.
    ///
    /// # Errors
    /// An unlock error that says what the person waits for, or must do; the same as for [`Vault::requested_user`].
    pub fn check_joined(&self, named: Option<&UserName>, given: Option<CredentialKind>) -> Result<()> {
        let may_have_asked = match (given, named) {
            (Some(CredentialKind::Key), _) | (Some(CredentialKind::Passphrase), None) => false,
            (_, Some(_)) => true,
            (None, None) => self.last_user().is_none(),
        };
        if !may_have_asked {
            return Ok(());
        }
        let Some(user) = self.requested_user(named)? else { return Ok(()) };
        match self.requested(&user) {
            Ok(Requested::Waiting) => Err(not_added(&user)),
            Ok(Requested::Added(_)) => {
                Err(Error::new(Reason::NotJoined, format!("\"{user}\" was added but has not joined yet"))
                    .hint(("choose a passphrase: ", Remedy::Join(Some(user.to_string())))))
            }
            Ok(Requested::No) | Err(_) => Ok(()),
        }
    }

    /// Returns the users who asked on this device.
    #[must_use]
    pub fn requests(&self) -> Vec<UserName> {
        let Ok(entries) = std::fs::read_dir(self.state_directory()) else { return Vec::new() };
        let name = |entry: std::fs::DirEntry| UserName::new(entry.file_name().to_str()?.strip_prefix("request-")?).ok();
        let mut names: Vec<_> = entries.filter_map(|entry| name(entry.ok()?)).collect();
        names.order();
        names
    }

    /// Unlocks with the keys of a request. They are on disk unencrypted, so replace them at once.
    ///
    /// # Errors
    /// The same as for [`Vault::unlock`].
    pub fn open_requested(self, identity: Identity, caller: &Caller) -> Result<KeySession> {
        KeySession::new(self, identity, caller)
    }

    /// Deletes the private keys of a request.
    ///
    /// # Errors
    /// If the file exists and can't be removed.
    pub(crate) fn forget_request(&self, user: &UserName) -> Result<()> {
        let path = self.request_path(user);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", &path, &error)),
            _ => Ok(()),
        }
    }

    fn had_keys(&self, keys: &PublicKeys) -> bool {
        let drafts = self.roster.statements().iter().map(|statement| &statement.draft);
        drafts.filter_map(|draft| draft.change.new_keys(&draft.author)).any(|(_, known)| known.keys == *keys)
    }

    fn load_request(&self, user: &UserName) -> Result<Option<Identity>> {
        let bytes = fs::read_if_there(&self.request_path(user), MAX_IDENTITY)?;
        let Some(bytes) = bytes.map(zeroize::Zeroizing::new) else { return Ok(None) };
        let damaged = || Error::integrity("the keys that were kept for a request are damaged");
        let identity = Identity::from_text(std::str::from_utf8(&bytes).map_err(|_| damaged())?)?;
        let is_own = identity.vault == self.id() && identity.user == *user;
        if is_own { Ok(Some(identity)) } else { Err(damaged()) }
    }

    fn request_path(&self, user: &UserName) -> PathBuf {
        self.state_directory().join(format!("request-{user}"))
    }
}
