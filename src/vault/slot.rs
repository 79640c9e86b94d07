//! Opens a slot with a passphrase or a key, and checks one without either. What is in it is not checked here.

use crate::crypto;
use crate::error::{Error, Result};
use crate::file::{Slot, SlotKind};
use crate::identity::{Identity, Key};
use crate::name::UserName;
use crate::passphrase;
use crate::secret::SecretString;
use zeroize::Zeroizing;

/// Opens a slot with a passphrase, in one of its spellings.
pub(super) fn open_with(passphrase: &SecretString, slot: &Slot) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let bytes = crypto::dearmor(&slot.data)?;
    for spelling in passphrase::spellings(passphrase) {
        if let Some(plaintext) = crypto::decrypt_with_passphrase(&bytes, &spelling)? {
            return Ok(Some(plaintext));
        }
    }
    Ok(None)
}

/// Returns the identity that the key opens, and the user of its slot. All that is known is that the key's owner made it.
pub(super) fn open_with_key<'a>(
    slots: impl Iterator<Item = &'a Slot>,
    key: &Key,
) -> Result<Option<(Identity, UserName)>> {
    let hint = key.hint();
    let matching = |slot: &&Slot| matches!(&slot.kind, SlotKind::Key { hint: known } if *known == hint);
    for slot in slots.filter(matching) {
        if let Some(identity) = key.open(&slot.data)? {
            return Ok(Some((identity, slot.user.clone())));
        }
    }
    Ok(None)
}

/// Checks what anybody can see of a slot: that it is an age file for a passphrase or for a key. Whether that passphrase or
/// key opens it, only its owner can tell.
///
/// # Errors
/// An integrity error that names the user.
pub(super) fn check(slot: &Slot) -> Result<()> {
    let recipient = match slot.kind {
        SlotKind::Passphrase => "scrypt",
        SlotKind::Key { .. } => "X25519",
    };
    let stanza = crypto::dearmor(&slot.data).ok().and_then(|bytes| crypto::stanza_at(&bytes, 0));
    if stanza.is_some_and(|stanza| stanza.tag == recipient) {
        return Ok(());
    }
    Err(Error::integrity(format!("a {} slot of {} is damaged", slot.kind.as_str(), slot.user))
        .hint("restore the file from a copy you trust"))
}

pub(super) fn not_yours(user: &UserName) -> Error {
    Error::integrity(format!("the slot of {user} was copied from another vault or user"))
        .hint("restore the file from a copy you trust")
}
