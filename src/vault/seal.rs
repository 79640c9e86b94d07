//! Makes the parts of a new file, for a change or a new vault: signed blocks and slots. Also replaces the file on disk.

use crate::crypto::{self, WorkFactor};
use crate::error::{Error, Result};
use crate::file::{Block, BlockStatement, Slot, SlotKind};
use crate::fs::{self, Durability, Lock};
use crate::identity::{Identity, Key, PrivateKeys};
use crate::passphrase::Strong;
use crate::signature::Hash;
use std::path::Path;

/// The ways to open an identity that are created along with it. There is always a key, so that no file is written whose
/// identity nobody can open.
pub struct Keyring<'a> {
    /// A passphrase and its scrypt work factor.
    pub passphrase: Option<(&'a Strong, WorkFactor)>,
    /// A machine's key, or the recovery key of somebody who has a passphrase.
    pub key: &'a Key,
}

/// Signs a block.
pub(super) fn sign(statement: BlockStatement, data: String, vault: &Hash, keys: &PrivateKeys) -> Result<Block> {
    let message = statement.message(vault, &Hash::of(&crypto::dearmor(&data)?));
    Ok(Block { statement, signature: keys.sign(&message), data: data.into() })
}

/// Makes the slots of a keyring.
pub(super) fn slots(identity: &Identity, keyring: &Keyring<'_>) -> Result<Vec<Slot>> {
    let mut slots = Vec::new();
    let user = &identity.user;
    if let Some((passphrase, work_factor)) = keyring.passphrase {
        let text = passphrase.text().clone();
        let data = crypto::encrypt_with_passphrase(text, work_factor, identity.to_text().as_bytes())?;
        slots.push(Slot { user: user.clone(), kind: SlotKind::Passphrase, data: data.into() });
    }
    let kind = SlotKind::Key { hint: keyring.key.hint() };
    slots.push(Slot { user: user.clone(), kind, data: keyring.key.seal(identity)?.into() });
    Ok(slots)
}

/// Replaces the file under the lock.
pub(super) fn replace(lock: &Lock, path: &Path, bytes: &[u8], expected: Option<fs::Stamp>) -> Result<()> {
    let name = path.file_name().ok_or_else(|| Error::usage(format!("{} is not a file name", path.display())))?;
    lock.replace(Path::new(name), bytes, expected, Durability::Waited)
}
