//! A change that the user's private keys sign.

use super::Edit;
use crate::error::Result;
use crate::identity::PrivateKeys;
use std::ops::{Deref, DerefMut};

/// A change of users, rights, environments or keys, which is signed with the private keys. It can change items as well.
pub(crate) struct KeyEdit<'e, 'a> {
    edit: &'e mut Edit<'a>,
    /// The keys that the session was opened with.
    keys: &'a PrivateKeys,
}

impl<'a> Edit<'a> {
    /// Returns the same change with the private keys, for an action that doesn't always need them. One that does takes a
    /// [`KeySession`](crate::vault::KeySession).
    ///
    /// # Errors
    /// An unlock error if an agent holds the keys.
    pub(crate) fn with_keys(&mut self) -> Result<KeyEdit<'_, 'a>> {
        let keys = &self.session.identity()?.keys;
        Ok(KeyEdit { edit: self, keys })
    }
}

impl KeyEdit<'_, '_> {
    /// Returns the user's keys, which this change may have replaced.
    pub(super) fn private_keys(&self) -> &PrivateKeys {
        self.edit.new_keys.as_ref().unwrap_or(self.keys)
    }
}

impl<'a> Deref for KeyEdit<'_, 'a> {
    type Target = Edit<'a>;

    fn deref(&self) -> &Edit<'a> {
        self.edit
    }
}

impl<'a> DerefMut for KeyEdit<'_, 'a> {
    fn deref_mut(&mut self) -> &mut Edit<'a> {
        self.edit
    }
}
