//! A file of which no signature is verified: anybody may have written it. It serves to ask whose passphrase is meant, to
//! find an agent, and to offer names; nothing that is read of it may be relied on.

use super::open::settled;
use super::{Settings, Vault, open::Parsed};
use crate::agent::Status;
use crate::error::Result;
use crate::identity::Head;
use crate::name::{EnvironmentName, UserName};
use crate::signature::Hash;
use std::path::Path;

/// A file that was read and whose roster hangs together, as far as can be told without its signatures.
#[derive(Debug)]
pub struct Unproven(Vault);

impl Unproven {
    /// Takes what was read and not verified.
    pub(super) fn new(vault: Vault) -> Self {
        Self(vault)
    }

    /// Reads a file, and leaves the signatures of its roster to [`Unproven::prove`], or to
    /// [`Session::with_agent`](super::Session::with_agent), which need not verify those that were verified with the agent's
    /// keys at hand.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open(path: &Path, settings: &Settings) -> Result<Self> {
        settled(path, |location, bytes, stamp| {
            Parsed::read_at(location, bytes, stamp, settings)?.fold(location, settings)
        })
    }

    /// Reads a file for a prompt: no program is started, so a file that git couldn't merge is refused.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn glance(path: &Path, settings: &Settings) -> Result<Self> {
        settled(path, |location, bytes, stamp| Parsed::read(bytes, stamp, settings)?.fold(location, settings))
    }

    /// Whose current keys an agent holds: see [`Vault::held_by`].
    #[must_use]
    pub fn held_by(&self, agent: &Status) -> Option<UserName> {
        self.0.held_by(agent).map(|(user, _)| user)
    }

    /// Verifies the signatures of the roster that were not verified yet. What the state directory says of them counts for
    /// nothing: without the user's keys nobody can tell who wrote it.
    ///
    /// # Errors
    /// An integrity error that names the first change that is wrong.
    pub fn prove(self) -> Result<Vault> {
        self.prove_from(None)
    }

    /// The same, where the holder of the keys has vouched for the roster up to there.
    pub(super) fn prove_from(self, known: Option<Head>) -> Result<Vault> {
        let mut vault = self.0;
        vault.roster.verify_signatures(known)?;
        Ok(vault)
    }

    /// What it says, for the checks that come before the signatures'.
    pub(super) fn claims(&self) -> &Vault {
        &self.0
    }

    /// The id that it says it has.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.0.id()
    }

    /// Whether this very vault was allowed at this path: see [`Vault::is_allowed`].
    ///
    /// # Errors
    /// As [`Vault::is_allowed`].
    pub fn is_allowed(&self) -> Result<bool> {
        self.0.is_allowed()
    }

    /// Whose passphrase to ask for: see [`Vault::passphrase_user`].
    ///
    /// # Errors
    /// As [`Vault::passphrase_user`].
    pub fn passphrase_user(&self, named: Option<&UserName>) -> Result<&UserName> {
        self.0.passphrase_user(named)
    }

    /// The names of the environments that it says it has.
    pub fn environments(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.0.environments()
    }

    /// The names of the users that it says it has.
    pub fn users(&self) -> impl Iterator<Item = &UserName> {
        self.0.roster.state().users.keys()
    }
}

impl From<Vault> for Unproven {
    /// What was verified stays so: proving it again takes no time.
    fn from(vault: Vault) -> Self {
        Self(vault)
    }
}
