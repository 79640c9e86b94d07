//! Records that `undo` and `edit` keep in the state directory, and that may hold values. A record is encrypted to its
//! writer, and has a tag inside that only the holder of the private keys can make. Anybody who can write to the
//! directory, or knows the public key, can remove a record but can't replace it.

use super::Session;
use super::keys::Keys;
use crate::crypto;
use crate::error::{Error, Result};
use crate::identity::{FingerprintKey, Recipient, encrypt_to};
use crate::name::UserName;
use crate::signature::Hash;
use zeroize::Zeroizing;

/// The length of a tag's digits and the line feed.
const TAG: usize = 65;

/// What a record is about. A record of one kind can't be used as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SealedRecord {
    /// The last change of the vault.
    Undo,
    /// Text that was typed in an editor and is not saved.
    Draft,
}

impl SealedRecord {
    fn word(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Draft => "draft",
        }
    }

    /// Returns the name of the record's file in the state directory of the vault.
    pub(super) fn file(self, user: &UserName) -> String {
        format!("{}-{user}.age", self.word())
    }

    /// Encrypts a record for the holder of the key.
    pub(super) fn seal(self, body: &[u8], key: &FingerprintKey, recipient: &Recipient, vault: &Hash) -> Result<String> {
        let tag = key.tag(self.word(), vault, body);
        let mut plaintext = Zeroizing::new(Vec::with_capacity(TAG + body.len()));
        plaintext.extend_from_slice(format!("{tag}\n").as_bytes());
        plaintext.extend_from_slice(body);
        encrypt_to(std::iter::once(recipient), &plaintext)
    }

    /// Decrypts a record; returns `None` if it was not made with these keys.
    pub(crate) fn open(self, sealed: &[u8], keys: &Keys, vault: &Hash) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let Ok(armored) = std::str::from_utf8(sealed) else { return Ok(None) };
        let Ok(bytes) = crypto::dearmor(armored) else { return Ok(None) };
        let plaintext = match keys.open(bytes, 0, vault) {
            Ok(Some(plaintext)) => plaintext,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == crate::error::Kind::Integrity => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some((tag, body)) = plaintext.split_at_checked(TAG) else { return Ok(None) };
        let tag = std::str::from_utf8(tag).ok().and_then(|tag| tag.strip_suffix('\n')?.parse::<Hash>().ok());
        let is_own =
            tag.is_some_and(|tag| keys.fingerprint_key().is_ok_and(|key| key.is_tag(&tag, self.word(), vault, body)));
        Ok(is_own.then(|| Zeroizing::new(body.to_vec())))
    }
}

impl Session {
    /// Reads this user's record of a kind, if there is one.
    pub(super) fn read_record(&self, record: SealedRecord, limit: usize) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let path = self.vault.state_directory().join(record.file(self.user()));
        let Some(sealed) = crate::fs::read_if_there(&path, limit)? else { return Ok(None) };
        match record.open(&sealed, &self.keys, &self.vault.id())? {
            Some(body) => Ok(Some(body)),
            None => Err(Error::failed(format!("{} can't be used: it was not made with your keys", path.display()))
                .hint("your keys have been replaced since, or somebody else wrote the file; remove it")),
        }
    }

    /// Removes this user's record of a kind.
    pub(super) fn remove_record(&self, record: SealedRecord) {
        let _ = std::fs::remove_file(self.vault.state_directory().join(record.file(self.user())));
    }
}
