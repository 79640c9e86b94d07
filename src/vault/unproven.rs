//! A file without verified signatures, which anybody may have written. It can be used to find out whose passphrase to
//! ask for, to find an agent, and to offer names. Nothing else in it can be relied on.

use super::Vault;
use crate::agent::Status;
use crate::error::Result;
use crate::identity::Head;
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Proof, Roster};
use crate::signature::Hash;

/// A file that was read and whose roster is consistent, as far as that can be checked without its signatures.
#[derive(Debug)]
pub struct Unproven {
    /// What the file claims.
    claims: Vault,
    proof: Proof,
}

impl Unproven {
    /// Wraps a vault that was read, with what has to be verified of its roster.
    pub(super) fn new(claims: Vault, proof: Proof) -> Self {
        Self { claims, proof }
    }

    /// Returns the user whose current keys an agent holds: see [`Vault::held_by`].
    #[must_use]
    pub fn held_by(&self, agent: &Status) -> Option<UserName> {
        self.claims.held_by(agent).map(|(user, _)| user)
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
    pub(super) fn prove_from(self, known: Option<Head>) -> Result<Vault> {
        self.proof.complete(&self.claims.roster, known)?;
        Ok(self.claims)
    }

    /// Does the same. What the roster shares with a verified one is not verified again.
    pub(super) fn prove_beside(self, known: &Roster) -> Result<Vault> {
        let shared = known.fork(&self.claims.roster);
        self.prove_from(shared)
    }

    /// Verifies the signatures of the roster after `known`. Those up to there stay unverified.
    pub(super) fn verify_after(&mut self, known: Option<Head>) -> Result<()> {
        self.proof.verify_after(&self.claims.roster, known)
    }

    /// Returns the file's claims, for the checks that come before the signatures.
    pub(super) fn claims(&self) -> &Vault {
        &self.claims
    }

    /// Returns the id that the file claims.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.claims.id()
    }

    /// Returns whether this vault was allowed at this path: see [`Vault::is_allowed`].
    ///
    /// # Errors
    /// The same as for [`Vault::is_allowed`].
    pub fn is_allowed(&self) -> Result<bool> {
        self.claims.is_allowed()
    }

    /// Returns the user whose passphrase to ask for: see [`Vault::passphrase_user`].
    ///
    /// # Errors
    /// The same as for [`Vault::passphrase_user`].
    pub fn passphrase_user(&self, named: Option<&UserName>) -> Result<&UserName> {
        self.claims.passphrase_user(named)
    }

    /// Returns the names of the environments that the file claims.
    pub fn environments(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.claims.environments()
    }

    /// Returns the names of the users that the file claims.
    pub fn users(&self) -> impl Iterator<Item = &UserName> {
        self.claims.roster.state().users.keys()
    }
}

impl From<Vault> for Unproven {
    /// Keeps what is verified: proving the vault again takes no time.
    fn from(vault: Vault) -> Self {
        Self { claims: vault, proof: Proof::of_verified() }
    }
}
