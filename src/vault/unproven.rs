//! A file without verified signatures, which anybody may have written. It can be used to find out whose passphrase to
//! ask for, to find an agent, and to offer names. Nothing else in it can be relied on.

use super::Vault;
use crate::agent::Status;
use crate::error::Result;
use crate::identity::Head;
use crate::name::{EnvironmentName, UserName};
use crate::signature::Hash;

/// A file that was read and whose roster is consistent, as far as that can be checked without its signatures.
#[derive(Debug)]
pub struct Unproven(Vault);

impl Unproven {
    /// Wraps a vault that was read and not verified.
    pub(super) fn new(vault: Vault) -> Self {
        Self(vault)
    }

    /// Returns the user whose current keys an agent holds: see [`Vault::held_by`].
    #[must_use]
    pub fn held_by(&self, agent: &Status) -> Option<UserName> {
        self.0.held_by(agent).map(|(user, _)| user)
    }

    /// Verifies the signatures of the roster that are not verified yet. The state directory's record of verified
    /// rosters does not count, because without the user's keys nobody can tell who wrote it.
    ///
    /// # Errors
    /// An integrity error that names the first change that is wrong.
    pub fn prove(self) -> Result<Vault> {
        self.prove_from(None)
    }

    /// Does the same, if the holder of the keys has vouched for the roster up to `known`.
    pub(super) fn prove_from(self, known: Option<Head>) -> Result<Vault> {
        let mut vault = self.0;
        vault.roster.verify_signatures(known)?;
        Ok(vault)
    }

    /// Verifies the signatures of the roster after `known`. Those up to there stay unverified.
    pub(super) fn verify_after(&mut self, known: Option<Head>) -> Result<()> {
        self.0.roster.verify_after(known)
    }

    /// Returns the file's claims, for the checks that come before the signatures.
    pub(super) fn claims(&self) -> &Vault {
        &self.0
    }

    /// Returns the id that the file claims.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.0.id()
    }

    /// Returns whether this vault was allowed at this path: see [`Vault::is_allowed`].
    ///
    /// # Errors
    /// The same as for [`Vault::is_allowed`].
    pub fn is_allowed(&self) -> Result<bool> {
        self.0.is_allowed()
    }

    /// Returns the user whose passphrase to ask for: see [`Vault::passphrase_user`].
    ///
    /// # Errors
    /// The same as for [`Vault::passphrase_user`].
    pub fn passphrase_user(&self, named: Option<&UserName>) -> Result<&UserName> {
        self.0.passphrase_user(named)
    }

    /// Returns the names of the environments that the file claims.
    pub fn environments(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.0.environments()
    }

    /// Returns the names of the users that the file claims.
    pub fn users(&self) -> impl Iterator<Item = &UserName> {
        self.0.roster.state().users.keys()
    }
}

impl From<Vault> for Unproven {
    /// Keeps what is verified: proving the vault again takes no time.
    fn from(vault: Vault) -> Self {
        Self(vault)
    }
}
