//! A user takes over the keys that somebody made for them: with new ones nobody else knows a secret of theirs.

use super::{Edit, Keyring, Session, Unread};
use crate::error::{Error, Remedy, Result};
use crate::identity::Key;

use crate::log::Entry;
use crate::name::EnvironmentName;
use crate::secret::SecretString;
use std::collections::BTreeMap;

/// What a user who joins chooses.
pub struct Joining<'a> {
    /// The new passphrase.
    pub passphrase: &'a SecretString,
    /// Its scrypt work factor.
    pub work_factor: u8,
    /// Opens the vault when the passphrase is lost.
    pub recovery: &'a Key,
    /// What environments are to hold that can't be read.
    pub fallbacks: BTreeMap<EnvironmentName, Unread>,
}

impl Session {
    /// Whether the user's keys were made by somebody else, and are to be replaced.
    ///
    /// # Errors
    /// A usage error if the user has done that already.
    pub fn check_not_joined(&self) -> Result<()> {
        let user = self.vault.roster.state().user(self.user())?;
        if user.issue.is_some() {
            return Ok(());
        }
        Err(Error::usage(format!("\"{}\" has already joined", self.user()))
            .hint(("for a new passphrase and new keys: ", Remedy::ChangePassphrase)))
    }

    /// Replaces the user's keys by new ones. What `beside` does is part of the same change, before the file is written.
    ///
    /// # Errors
    /// As [`Session::check_not_joined`] and [`Session::edit`].
    pub fn join(
        &mut self,
        joining: Joining<'_>,
        entry: &Entry,
        beside: impl FnOnce(&mut Edit<'_>) -> Result<()>,
    ) -> Result<()> {
        let Joining { passphrase, work_factor, recovery, fallbacks } = joining;
        self.check_not_joined()?;
        self.edit(std::slice::from_ref(entry), |edit| {
            edit.fall_back(fallbacks);
            edit.replace_keys(&Keyring { passphrase: Some((passphrase, work_factor)), keys: vec![recovery] })?;
            edit.log(entry.clone());
            beside(edit)
        })?;
        self.vault.remember_user(self.user());
        self.vault.forget_request(self.user())
    }
}
