//! Replaces the keys that somebody else made for a user, so that nobody else knows the user's private keys.

use super::{Edit, Fallbacks, KeyEdit, KeySession, Keyring, Session, Warning, WarningReason};
use crate::crypto::WorkFactor;
use crate::error::{Error, Remedy, Result};
use crate::identity::Key;
use crate::log::{Action, Entry};
use crate::passphrase::Strong;

/// What a user who joins chooses.
pub struct Joining<'a> {
    /// The new passphrase.
    pub passphrase: &'a Strong,
    /// The scrypt work factor for the passphrase.
    pub work_factor: WorkFactor,
    /// The key that opens the vault if the passphrase is lost.
    pub recovery: &'a Key,
    /// The content to save for environments that can't be read.
    pub fallbacks: Fallbacks,
}

impl Session {
    /// Checks that somebody else made the user's keys, so that they must be replaced.
    ///
    /// # Errors
    /// A usage error if the user has already replaced them.
    pub fn check_not_joined(&self) -> Result<()> {
        let user = self.vault.roster.state().user(self.user())?;
        if user.issue.is_some() {
            return Ok(());
        }
        Err(Error::usage(format!("\"{}\" has already joined", self.user()))
            .hint(("for a new passphrase and new keys: ", Remedy::ChangePassphrase)))
    }
}

impl KeySession {
    /// Replaces the user's keys with new ones. `show` is called before anything is saved, because vault does not keep the
    /// recovery key.
    ///
    /// # Errors
    /// The same as for [`Session::check_not_joined`], and for every change: see [`Edit`].
    pub fn join(&mut self, joining: Joining<'_>, show: impl FnOnce(&Edit<'_>) -> Result<()>) -> Result<()> {
        let Joining { passphrase, work_factor, recovery, fallbacks } = joining;
        self.check_not_joined()?;
        let entry = Entry::new(Action::Join);
        let change = |edit: &mut KeyEdit<'_, '_>| {
            edit.fall_back(fallbacks)?;
            edit.replace_keys(&Keyring { passphrase: Some((passphrase, work_factor)), key: recovery })?;
            edit.log(entry.clone());
            Ok(())
        };
        self.edit_showing(std::slice::from_ref(&entry), change, |(), edit| show(edit))?;
        self.vault.remember_user(self.user());
        // The new keys are in the file. An error would hide them, and the recovery key that is still to be shown.
        if let Err(error) = self.vault.forget_request(self.user()) {
            let what = format!("the replaced keys of {} are still here: {error}", self.user());
            self.vault.tell(Warning::new(WarningReason::NotDeleted, what));
        }
        Ok(())
    }
}
