//! Replaces the key of a machine. For a while, both the old and the new key open its identity.
//!
//! A second slot with the same identity is added, so both keys work and nothing has to be encrypted again. At the end
//! the machine gets a new identity, because the slot of the old key stays in the file's history: what it opens must not
//! open anything that is written from then on.

use super::{Edit, KeyEdit};
use crate::error::{Error, Remedy, Result};
use crate::file::{MAX_KEY_SLOTS, Slot, SlotKind};
use crate::identity::{Identity, Key};
use crate::name::UserName;
use crate::vault::Vault;
use crate::vault::seal::{Keyring, slots};

impl Vault {
    /// Returns the users whose key is being replaced: at least two keys open their identity, and no passphrase does.
    /// Slots are not signed, so anybody who writes the file can add one that opens nothing.
    #[must_use]
    pub(crate) fn renewals(&self) -> Vec<&UserName> {
        let users = self.roster.state().users.keys();
        users.filter(|user| is_open(self.slots(), user)).collect()
    }
}

impl KeyEdit<'_, '_> {
    /// Gives the user one more key, in addition to the current one.
    ///
    /// # Errors
    /// A usage error for a user with a passphrase, or with the maximum number of keys.
    pub(crate) fn add_key(&mut self, key: &Key) -> Result<()> {
        let user = self.user();
        self.check_is_machine()?;
        if slots_of(self.slots.iter(), user).count() >= MAX_KEY_SLOTS {
            return Err(Error::usage(format!("{user} has {MAX_KEY_SLOTS} keys, and can't have more")).hint((
                "to remove all but the newest: ",
                Remedy::FinishRenewal(user.to_string()),
                ", with that key",
            )));
        }
        let keys = self.private_keys().clone();
        let identity = Identity { vault: self.roster.id(), user: user.clone(), keys, roster: self.roster.head() };
        self.slots.extend(slots(&identity, &Keyring { passphrase: None, key })?);
        Ok(())
    }

    /// Removes all keys of the user except this one, which must be the newest. The user gets a new identity, which only
    /// this key opens.
    ///
    /// # Errors
    /// A usage error if there is no other key, or this is not the newest.
    pub(crate) fn finish_renewal(&mut self, key: &Key) -> Result<()> {
        let user = self.user();
        self.check_is_machine()?;
        if !is_open(self.slots.iter(), user) {
            return Err(Error::usage(format!("{user} has only one key: there is nothing to finish"))
                .hint(("for another key: ", Remedy::Renew(user.to_string()))));
        }
        let hint = SlotKind::Key { hint: key.hint() };
        if slots_of(self.slots.iter(), user).last().is_none_or(|newest| newest.kind != hint) {
            return Err(Error::usage(format!(
                "this is not {user}'s newest key, and finishing with it would remove the newest"
            ))
            .hint((
                "run the command with the new key; if that is lost: ",
                Remedy::ReplaceKey,
                " removes all keys and prints a new one",
            )));
        }
        self.replace_keys(&Keyring { passphrase: None, key })
    }
}

impl Edit<'_> {
    fn check_is_machine(&self) -> Result<()> {
        let user = self.user();
        if self.slots.iter().any(|slot| slot.user == *user && slot.kind == SlotKind::Passphrase) {
            return Err(Error::usage(format!("{user} has a passphrase; renew is for machines, which have only a key"))
                .hint((
                    "for a new passphrase: ",
                    Remedy::ChangePassphrase,
                    "; for a new recovery key: ",
                    Remedy::ReplaceRecoveryKey,
                )));
        }
        Ok(())
    }
}

fn slots_of<'a>(slots: impl Iterator<Item = &'a Slot>, user: &UserName) -> impl Iterator<Item = &'a Slot> {
    slots.filter(move |slot| slot.user == *user)
}

fn is_open<'a>(slots: impl Iterator<Item = &'a Slot>, user: &UserName) -> bool {
    let mut keys = 0;
    for slot in slots_of(slots, user) {
        match slot.kind {
            SlotKind::Passphrase => return false,
            SlotKind::Key { .. } => keys += 1,
        }
    }
    keys > 1
}
