//! Who used a passphrase here last: where several users have one, that is who is asked again.

use super::Vault;
use crate::fs;
use crate::name::{MAX_LABEL, UserName};

const FILE: &str = "last-user";

impl Vault {
    /// Remembers who unlocked with a passphrase. Where that can't be written the question comes again, and nothing else.
    pub fn remember_user(&self, user: &UserName) {
        if self.last_user().as_ref() == Some(user) {
            return;
        }
        let directory = self.state_directory();
        let _ = fs::create_private_directory(&directory)
            .and_then(|()| fs::write_private(&directory.join(FILE), user.as_str().as_bytes()));
    }

    /// Who unlocked with a passphrase last. It is a default for a question and gives no right.
    #[must_use]
    pub fn last_user(&self) -> Option<UserName> {
        let (bytes, _) = fs::read(&self.state_directory().join(FILE), MAX_LABEL).ok()?;
        UserName::new(String::from_utf8(bytes).ok()?).ok()
    }
}
