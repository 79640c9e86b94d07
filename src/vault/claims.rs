//! What a file says, and where it is: what may be asked before its signatures are verified.

use super::location::Location;
use super::settings::{Settings, state_directory};
use crate::file::File;
use crate::fs::Stamp;
use crate::marks::Marks;
use crate::name::{EnvironmentName, UserName};
use crate::roster::Roster;
use crate::signature::Hash;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What a file says, and where it is. Anybody may have written the file, so its claims only help to ask: for a
/// passphrase, or an agent. [`Unproven`](super::Unproven) has claims that nobody has verified yet, and
/// [`Vault`](super::Vault) has those of a verified roster, with everything else that can be done with a vault.
#[derive(Debug)]
pub struct Claims {
    pub(super) location: Location,
    pub(super) file: File,
    pub(super) roster: Roster,
    pub(super) stamp: Stamp,
    pub(super) marks: Option<Marks>,
    pub(super) settings: Settings,
    /// For a file that git could not merge, the environments that both sides have changed.
    pub(super) unmerged: Option<BTreeSet<EnvironmentName>>,
}

impl Claims {
    /// Returns the path of the file, with links resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.location.real
    }

    /// Returns the vault's id, which says whose keys may open the file.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.roster.id()
    }

    /// Returns the names of the environments.
    pub fn environments(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.roster.state().environments.keys()
    }

    /// Returns the names of the users.
    pub fn users(&self) -> impl Iterator<Item = &UserName> {
        self.roster.state().users.keys()
    }

    /// Returns the settings of this run.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns this vault's directory for logs and marks.
    #[must_use]
    pub fn state_directory(&self) -> PathBuf {
        state_directory(&self.settings, &self.id())
    }
}
