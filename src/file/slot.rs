//! A slot of the file, which opens the identity of a user.

use super::armor::Armor;
use crate::name::UserName;

/// The maximum size of a slot's armored data, in bytes.
pub const MAX_SLOT: usize = 8 * 1024;
/// The maximum number of a user's key slots. A user has at most one passphrase slot.
pub const MAX_KEY_SLOTS: usize = 8;

/// One way to open a user's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The user.
    pub user: UserName,
    /// How the slot is opened.
    pub kind: SlotKind,
    /// The armored age file.
    pub data: Armor,
}

/// How a slot is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotKind {
    /// With a passphrase, by scrypt.
    Passphrase,
    /// With a key.
    Key {
        /// Tells which key: 8 bytes in hexadecimal. See [`crate::identity::Key::hint`].
        hint: String,
    },
}

impl SlotKind {
    /// The word used in the file.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Key { .. } => "key",
        }
    }
}
