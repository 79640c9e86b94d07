//! Reads a file into a vault whose roster is verified.

use super::location::Location;
use super::parsed::Parsed;
use super::unmerged::Unmerged;
use super::{Settings, Unproven, Vault};
use crate::error::Result;
use crate::file::MAX_FILE;
use crate::fs::{self, Stamp};
use std::path::Path;

impl Parsed {
    /// Reads the file at a path, which git may have left unmerged.
    pub fn read_at(location: &Location, bytes: Vec<u8>, stamp: Stamp, settings: &Settings) -> Result<Self> {
        match Unmerged::find(&bytes, stamp, location, settings)? {
            None => Self::read(bytes, stamp, settings),
            Some(Unmerged { file, open }) => Ok(Self { unmerged: Some(open), ..Self::of_file(file, stamp, settings)? }),
        }
    }
}

/// Reads a file for `open`, and reads it again if it was replaced in the meantime.
pub(super) fn settled<T>(path: &Path, open: impl Fn(&Location, Vec<u8>, Stamp) -> Result<T>) -> Result<T> {
    settled_at(&Location::resolve(path)?, open)
}

fn settled_at<T>(location: &Location, open: impl Fn(&Location, Vec<u8>, Stamp) -> Result<T>) -> Result<T> {
    // A link is kept, and the file it points to is replaced, so everything happens at the real path.
    let path = &location.real;
    loop {
        let (bytes, stamp) = fs::read(path, MAX_FILE)?;
        let opened = open(location, bytes, stamp)?;
        // A writer may have replaced the file and raised the marks between the two reads. Then the file read here only
        // looks older than what was seen.
        if std::fs::metadata(path).is_ok_and(|metadata| Stamp::from_metadata(&metadata) == stamp) {
            return Ok(opened);
        }
    }
}

impl Unproven {
    /// Reads a file. The signatures of its roster are left to [`Unproven::prove`], or to
    /// [`Agents::session`](super::Agents::session), which does not repeat the verification of those that were verified
    /// with the agent's keys in memory.
    ///
    /// # Errors
    /// The same as for [`Vault::open`].
    pub fn open(path: &Path, settings: &Settings) -> Result<Self> {
        settled(path, |location, bytes, stamp| {
            Parsed::read_at(location, bytes, stamp, settings)?.fold(location, settings)
        })
    }

    /// Reads a file for a shell prompt. No program is started, so a file that git could not merge is refused.
    ///
    /// # Errors
    /// The same as for [`Vault::open`].
    pub fn glance(path: &Path, settings: &Settings) -> Result<Self> {
        settled(path, |location, bytes, stamp| Parsed::read(bytes, stamp, settings)?.fold(location, settings))
    }
}

impl Vault {
    /// Reads a file, verifies its roster, checks that its environments are those of the roster, and compares the roster
    /// with what this device has seen.
    ///
    /// # Errors
    /// A not-found error if there is no file ([`Reason::NoVault`](crate::error::Reason::NoVault)); an integrity error that says what is
    /// wrong, also for a fork, and for an older roster unless that is only a warning.
    pub fn open(path: &Path, settings: &Settings) -> Result<Self> {
        Unproven::open(path, settings)?.prove()
    }

    /// Does the same, whatever this device has seen: the vault may be older, forked, or another one.
    ///
    /// # Errors
    /// As [`Vault::open`], but not about what was seen.
    pub(crate) fn open_of_any_age(path: &Path, settings: &Settings) -> Result<Self> {
        Unproven::open(path, settings)?.prove_of_any_age()
    }

    /// Does the same as [`Vault::open`], for the current content of the file.
    pub(super) fn open_again(&self) -> Result<Self> {
        settled_at(&self.location, |_, bytes, stamp| self.renewed(bytes, stamp))
    }

    /// Opens the new content of this vault's file. The roster up to this vault's was verified by this process.
    pub(super) fn renewed(&self, bytes: Vec<u8>, stamp: Stamp) -> Result<Self> {
        let settings = Settings { looks_back: false, is_side: false, ..self.settings.clone() };
        let unproven = Parsed::read_at(&self.location, bytes, stamp, &settings)?.fold(&self.location, &settings)?;
        unproven.prove_from(Some(self.roster.head()))
    }
}
