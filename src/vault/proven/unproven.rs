//! A file without verified signatures, which anybody may have written, and the verification that makes it a vault.

use super::Vault;
use crate::agent::Status;
use crate::error::Result;
use crate::identity::{Head, PublicKeys};
use crate::name::UserName;
use crate::roster::{Proof, Roster};
use crate::vault::Claims;
use crate::vault::warning::Warnings;
use std::ops::Deref;

/// A file that was read and whose roster is consistent, as far as that can be checked without its signatures. It has only
/// [`Claims`]: it can be used to find out whose passphrase to ask for, to find an agent, and to offer names. Nothing
/// else in it can be relied on.
#[derive(Debug)]
pub struct Unproven {
    claims: Claims,
    /// What has to be verified of the roster.
    proof: Proof,
    /// The warnings so far, if the file was a vault before: they are not repeated.
    warnings: Warnings,
}

/// A vault that is verified if an agent holds the keys that the file claims for a user: this device has verified the
/// beginning of the roster with these keys. Until the agent says whose keys it holds, the vault is only checked.
pub(in crate::vault) struct Vouched {
    vault: Vault,
    proof: Proof,
    keys: (UserName, PublicKeys),
}

impl Unproven {
    /// Takes a file that was read, with what has to be verified of its roster.
    pub(in crate::vault) fn new(claims: Claims, proof: Proof) -> Self {
        Self { claims, proof, warnings: Warnings::default() }
    }

    /// Verifies the signatures of the roster that are not verified yet, and compares the roster with what this device has
    /// seen. The state directory's record of verified rosters does not count, because without the user's keys nobody can
    /// tell who wrote it.
    ///
    /// # Errors
    /// An integrity error that names the first change that is wrong; also for a fork, and for an older roster unless
    /// that is only a warning.
    pub fn prove(self) -> Result<Vault> {
        let vault = self.prove_of_any_age()?;
        vault.check_roster()?;
        Ok(vault)
    }

    /// Verifies the signatures, whatever this device has seen: the vault may be older, forked, or another one.
    ///
    /// # Errors
    /// An integrity error that names the first change that is wrong.
    pub fn prove_of_any_age(self) -> Result<Vault> {
        self.prove_from(None)
    }

    /// Does the same, if the holder of the keys has vouched for the roster up to `known`.
    pub(in crate::vault) fn prove_from(self, known: Option<Head>) -> Result<Vault> {
        self.proof.complete(&self.claims.roster, known)?;
        Vault::new(self.claims, self.warnings)
    }

    /// Does the same. What the roster shares with a verified one is not verified again.
    pub(in crate::vault) fn prove_beside(self, known: &Roster) -> Result<Vault> {
        let shared = known.fork(&self.claims.roster);
        self.prove_from(shared)
    }

    /// Verifies the signatures, except those of a roster that this device has verified with a user's keys: whether
    /// these are the user's own keys isn't known yet.
    pub(in crate::vault) fn prove_if_held(mut self, keys: (UserName, PublicKeys)) -> Result<Vouched> {
        let known = self.claims.verified_with(&keys);
        self.proof.verify_after(&self.claims.roster, known)?;
        Ok(Vouched { vault: Vault::new(self.claims, self.warnings)?, proof: self.proof, keys })
    }
}

impl Deref for Unproven {
    type Target = Claims;

    fn deref(&self) -> &Claims {
        &self.claims
    }
}

impl From<Vault> for Unproven {
    /// Keeps what is verified, and the warnings: proving the vault again takes no time, and repeats none.
    fn from(vault: Vault) -> Self {
        let Vault { claims, warnings, .. } = vault;
        Self { claims, proof: Proof::of_verified(), warnings: warnings.into_inner() }
    }
}

impl Vouched {
    /// Returns the vault, for the checks that come before the agent is asked.
    pub fn checked(&self) -> &Vault {
        &self.vault
    }

    /// Returns the public keys that the agent has to hold.
    pub fn public(&self) -> &PublicKeys {
        &self.keys.1
    }

    /// Takes the agent's answer. Returns the vault and whose keys the agent holds; or else the file, whose roster is
    /// verified only as far as nothing vouches for it.
    pub fn confirm(self, agent: &Status) -> Result<(Vault, (UserName, PublicKeys)), Box<Unproven>> {
        if self.vault.held_by(agent).as_ref() == Some(&self.keys) {
            return Ok((self.vault, self.keys));
        }
        Err(Box::new(self.refuse()))
    }

    /// Returns the file, whose roster is verified only as far as nothing vouches for it.
    pub fn refuse(self) -> Unproven {
        let Vault { claims, warnings, .. } = self.vault;
        Unproven { claims, proof: self.proof, warnings: warnings.into_inner() }
    }
}
