//! Remembers the last user who unlocked with a passphrase on this device. If several users have a passphrase, this one
//! is asked for theirs.

use super::{Claims, Vault};
use crate::fs;
use crate::name::{MAX_LABEL, UserName};

const FILE: &str = "last-user";

impl Vault {
    /// Remembers the user who unlocked with a passphrase. If that can't be written, the user is asked who they are next
    /// time.
    pub(super) fn remember_user(&self, user: &UserName) {
        if self.last_user().as_ref() == Some(user) {
            return;
        }
        let directory = self.state_directory();
        let _ = fs::create_private_directory(&directory)
            .and_then(|()| fs::write_private(&directory.join(FILE), user.as_str().as_bytes()));
    }
}

impl Claims {
    /// Returns the last user who unlocked with a passphrase. This is only a default for a question, and gives no right.
    #[must_use]
    pub fn last_user(&self) -> Option<UserName> {
        let (bytes, _) = fs::read(&self.state_directory().join(FILE), MAX_LABEL).ok()?;
        UserName::new(String::from_utf8(bytes).ok()?).ok()
    }
}
