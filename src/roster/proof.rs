//! What proves a chain of changes: the hash of each, which covers the one before it, and the keys that must have signed it.

use super::change::{self, Change, Draft, MAX_CHANGES, MAX_STATEMENT, NewKeys, Statement};
use super::state::{State, broken};
use crate::error::{Error, Reason, Result};
use crate::identity::PublicKeys;
use crate::name::UserName;
use crate::signature::{Hash, VerifyingKey};

/// Returns the key that must sign a change, from the state before it.
pub(super) fn author_key(before: &State, draft: &Draft) -> Result<VerifyingKey> {
    let PublicKeys { verifying_key, .. } = match &draft.change {
        Change::Create { keys, .. } => &keys.keys,
        _ => &before.users.get(&draft.author).ok_or_else(|| broken("was made by somebody who is not a user"))?.keys,
    };
    Ok(*verifying_key)
}

pub(super) fn not_valid(version: u32, error: &Error) -> Error {
    Error::new(Reason::NotSigned, format!("roster change {version} is not valid: {error}"))
        .hint("somebody changed the file without vault: restore it from a copy you trust")
}

/// Checks that new keys are canonical, and that their signature proves possession of the private signing key.
pub(super) fn check_new_keys(new: &NewKeys, vault: &Hash, user: &UserName) -> Result<()> {
    new.keys.recipient.check()?;
    new.keys.verifying_key.check()?;
    if new.keys.verifying_key.verifies(&new.keys.message(vault, user), &new.signature) {
        Ok(())
    } else {
        Err(broken("adds keys that did not sign for themselves"))
    }
}

pub(super) fn hash_at(hashes: &[Hash], version: u32) -> Option<Hash> {
    hashes.get((version as usize).checked_sub(1)?).copied()
}

/// Returns the hash of every statement. Each hash covers the one before it.
pub(super) fn hash_chain(statements: &[Statement]) -> Result<Vec<Hash>> {
    if statements.is_empty() || statements.len() > MAX_CHANGES {
        return Err(Error::integrity("the file has no roster, or one that is too long"));
    }
    let mut hashes: Vec<Hash> = Vec::with_capacity(statements.len());
    for (number, Statement { version, draft, signature }) in (1..).zip(statements) {
        if *version != number {
            return Err(Error::integrity(format!("roster change {number} is missing or out of order")));
        }
        let vault = hashes.first().copied().unwrap_or(Hash::ZERO);
        let previous = hashes.last().copied().unwrap_or(Hash::ZERO);
        let message = change::message(&vault, *version, &previous, draft);
        if message.len() > MAX_STATEMENT {
            return Err(Error::integrity(format!("roster change {number} is too large")));
        }
        hashes.push(message.hash(signature));
    }
    Ok(hashes)
}
