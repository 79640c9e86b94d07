//! Accepts a file that is older than what this device has seen, or a fork of it, if a person types its hash.

use super::{Vault, block};
use crate::error::{Error, Remedy, Result};
use crate::signature::Hash;

/// 128 bits, so that nobody can find a second file with the same digits.
const ACCEPTED_DIGITS: usize = 32;

impl Vault {
    /// Returns a hash of the file's roster and statements. A person types it to accept an older or forked file.
    ///
    /// # Errors
    /// The same as for [`Vault::verify_signatures`].
    pub fn fingerprint(&self) -> Result<String> {
        let mut message = crate::signature::Message::new("vault/fingerprint");
        message.raw(self.roster.head().hash.as_bytes());
        for block in &self.file.blocks {
            message.raw(block::verify(&self.roster, block)?.0.hash.as_bytes());
        }
        Ok(Hash::of(message.as_bytes()).to_string()[..ACCEPTED_DIGITS].to_owned())
    }

    /// Accepts the file as it is, older or forked, because a person has typed its fingerprint.
    ///
    /// # Errors
    /// A usage error if the fingerprint is wrong; otherwise the same as for [`Vault::verify_signatures`].
    pub fn accept(&self, fingerprint: &str) -> Result<()> {
        self.check_merged()?;
        if self.fingerprint()? != fingerprint.trim().to_ascii_lowercase() {
            return Err(Error::usage("that is not the hash of this file").hint((
                "copy the hash from the hint that ",
                Remedy::Verify,
                " prints when it refuses the file",
            )));
        }
        let seen = self.seen_blocks()?;
        match self.tree()? {
            Some(tree) => self.accept_in(tree, &seen)?,
            None => self.marks_store().accept(&self.roster, &seen, self.is_in_git(), None)?,
        }
        self.sighting().remember(&self.id())
    }
}
