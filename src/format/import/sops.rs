//! Refuses what sops has encrypted.

use super::tree::Node;
use crate::error::{Error, Remedy, Result};
use crate::format::Imported;

/// Refuses a file of sops. sops stores its own metadata next to the encrypted values, and removes it when it decrypts
/// them.
pub(super) fn refuse_members(members: &[(String, Node)]) -> Result<()> {
    let sops = members.iter().find(|(name, _)| name == "sops").map(|(_, node)| node);
    if sops.is_some_and(|node| node.get("mac").is_some() || node.get("version").is_some()) {
        return Err(to_decrypt(Error::usage("the file is still encrypted by sops")));
    }
    Ok(())
}

/// Refuses values that sops has encrypted, from a format that has no place for its metadata.
pub(super) fn refuse_values(imported: &Imported) -> Result<()> {
    match imported.entries.iter().find(|entry| entry.value.starts_with(b"ENC[AES256_GCM,")) {
        Some(entry) => Err(to_decrypt(Error::usage(format!("line {} is still encrypted by sops", entry.line)))),
        None => Ok(()),
    }
}

fn to_decrypt(error: Error) -> Error {
    error.hint(("decrypt it first: ", Remedy::ImportDecrypted))
}
