//! What an agent says about itself: whose keys it holds, and for how much longer.

use crate::error::{Error, Result};
use crate::identity::Head;
use crate::secret::ExposeSecret as _;
use crate::signature::Hash;
use age_core::format::{FILE_KEY_BYTES, FileKey};
use zeroize::Zeroizing;

/// An agent with less than this left to live, in milliseconds, counts as gone.
const SOON: u64 = 200;

/// The status of an agent.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Status {
    /// The vault's id.
    pub vault: Hash,
    /// The path of the vault's file when it was unlocked, only to be shown.
    pub path: String,
    /// The user whose keys the agent holds.
    pub user: String,
    /// The user's recipient.
    pub recipient: String,
    /// The user's verifying key, in hexadecimal.
    pub verifying_key: String,
    /// The roster when the keys' slot was made. An older roster is not the vault's newest.
    pub roster: Head,
    /// The milliseconds until the agent ends in any case.
    pub ends_in: u64,
    /// The milliseconds until the agent ends if it isn't used.
    pub idle_in: u64,
    /// The idle time after which the agent ends, in milliseconds.
    pub idle: u64,
    /// The agent's process id.
    pub pid: u32,
}

impl Status {
    /// Reads what [`Status::bytes`] wrote.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
        serde_json::to_vec(self).map(Zeroizing::new).map_err(|_| Error::failed("no status"))
    }

    /// Whether both agents hold the same keys.
    pub(super) fn is_of_same_keys(&self, other: &Self) -> bool {
        self.held() == other.held()
    }

    fn held(&self) -> (Hash, &str, &str, &str, Head) {
        (self.vault, &self.user, &self.recipient, &self.verifying_key, self.roster)
    }

    /// Whether the agent holds these keys, and has seen no newer roster.
    pub(super) fn holds(&self, keys: &CurrentKeys) -> bool {
        let is_same =
            self.vault == keys.vault && self.recipient == keys.recipient && self.verifying_key == keys.verifying_key;
        is_same && self.roster.version <= keys.roster
    }

    /// Returns the milliseconds until the agent ends if it isn't used from now on.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.ends_in.min(self.idle_in)
    }

    /// Whether the agent counts as gone, because a command might outlast it and fail.
    pub(super) fn ends_soon(&self) -> bool {
        self.left() < SOON
    }
}

/// The keys that a file has for a user.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CurrentKeys {
    /// The vault's id.
    pub(crate) vault: Hash,
    /// The user's recipient.
    pub(crate) recipient: String,
    /// The user's verifying key, in hexadecimal.
    pub(crate) verifying_key: String,
    /// The number of the roster's last change.
    pub(crate) roster: u32,
}

/// The answer to a client's first request if it asks for a file key, too.
pub(super) struct Begun {
    pub(super) status: Status,
    pub(super) file_key: Option<FileKey>,
}

impl Begun {
    /// Returns the length of the file key, 16 or 0, then the file key and the status.
    pub(super) fn bytes(&self) -> Result<Zeroizing<Vec<u8>>> {
        let status = self.status.bytes()?;
        let file_key: &[u8] = self.file_key.as_ref().map_or(&[], |key| key.expose_secret());
        // Allocated at full size, so that the file key is never moved and leaves no copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 + file_key.len() + status.len()));
        bytes.push(if file_key.is_empty() { 0 } else { FILE_KEY_LENGTH });
        bytes.extend_from_slice(file_key);
        bytes.extend_from_slice(&status);
        Ok(bytes)
    }

    /// Reads what [`Begun::bytes`] wrote.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first()?;
        let (file_key, status) = match *length {
            0 => (None, rest),
            FILE_KEY_LENGTH => {
                let (key, rest) = rest.split_first_chunk::<FILE_KEY_BYTES>()?;
                (Some(FileKey::init_with_mut(|own| own.copy_from_slice(key))), rest)
            }
            _ => return None,
        };
        Some(Self { status: Status::parse(status)?, file_key })
    }
}

/// The length of a file key, as one byte.
const FILE_KEY_LENGTH: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(file_key: Option<FileKey>) -> Begun {
        let hash = Hash::of(b"");
        let status = Status {
            vault: hash,
            path: "v".to_owned(),
            user: "mia".to_owned(),
            recipient: "age1".to_owned(),
            verifying_key: "0".to_owned(),
            roster: Head { version: 1, hash },
            ends_in: 2_000,
            idle_in: 1_000,
            idle: 1_000,
            pid: 1,
        };
        Begun { status, file_key }
    }

    #[test]
    fn an_answer_has_a_complete_file_key_or_none_followed_by_a_status() {
        let key = FileKey::init_with_mut(|key| key.fill(7));
        let bytes = begun(Some(key)).bytes().unwrap();
        let read = Begun::parse(&bytes).unwrap();
        assert_eq!(read.file_key.unwrap().expose_secret(), &[7; FILE_KEY_BYTES]);
        assert_eq!(read.status.left(), 1_000);
        let without = begun(None).bytes().unwrap();
        assert!(Begun::parse(&without).unwrap().file_key.is_none());
        for end in 0..bytes.len() {
            assert!(Begun::parse(&bytes[..end]).is_none(), "{end}");
        }
        for length in (1..=u8::MAX).filter(|length| *length != FILE_KEY_LENGTH) {
            assert!(Begun::parse(&[&[length], &bytes[1..]].concat()).is_none(), "{length}");
        }
        assert!(Begun::parse(&[&[0], &bytes[1..]].concat()).is_none(), "a file key in the place of the status");
    }
}
