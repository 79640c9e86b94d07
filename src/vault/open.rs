//! Reads a file into a vault whose roster is verified.

use super::branches::Asked;
use super::unmerged::Unmerged;
use super::{Settings, Unproven, Vault, Warning, marks_store, missing_block};
use crate::error::{Error, Remedy, Result};
use crate::file::{File, MAX_FILE};
use crate::fs::{self, Stamp};
use crate::marks::Marks;
use crate::name::EnvironmentName;
use crate::roster::Roster;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where a file is.
#[derive(Debug, Clone)]
pub(super) struct Location {
    /// The path as it was given: absolute, without following links.
    pub asked: PathBuf,
    /// The path with links resolved.
    pub real: PathBuf,
}

impl Location {
    pub fn of(path: &Path) -> Result<Self> {
        let cannot = |error: &std::io::Error| Error::io("open", path, error);
        let real = std::fs::canonicalize(path).map_err(|error| cannot(&error))?;
        let absolute = std::path::absolute(path).map_err(|error| cannot(&error))?;
        Ok(Self { asked: crate::path::without_dots(&absolute), real })
    }

    /// Returns the command that lists the commits of the file.
    pub fn git_log(&self) -> String {
        format!("git log -- {}", crate::path::shell_word(&self.real))
    }
}

/// A file that was read and parsed, but not verified.
pub(super) struct Parsed {
    pub file: File,
    stamp: Stamp,
    pub marks: Option<Marks>,
    unmerged: Option<BTreeSet<EnvironmentName>>,
}

impl Parsed {
    /// Reads the file at a path, which git may have left unmerged.
    pub fn read_at(location: &Location, bytes: Vec<u8>, stamp: Stamp, settings: &Settings) -> Result<Self> {
        match Unmerged::find(&bytes, location, settings)? {
            None => Self::read(bytes, stamp, settings),
            Some(Unmerged { file, open }) => Ok(Self { unmerged: Some(open), ..Self::of_file(file, stamp, settings)? }),
        }
    }

    pub fn read(bytes: Vec<u8>, stamp: Stamp, settings: &Settings) -> Result<Self> {
        Self::of_file(File::parse(bytes)?, stamp, settings)
    }

    fn of_file(file: File, stamp: Stamp, settings: &Settings) -> Result<Self> {
        let marks = match file.roster.first() {
            Some(first) => marks_store(settings, &Roster::id_of(first)).load()?,
            None => None,
        };
        Ok(Self { file, stamp, marks, unmerged: None })
    }

    /// Checks everything about the roster except its signatures, and that its environments are in the file.
    pub fn fold(self, location: &Location, settings: &Settings) -> Result<Unproven> {
        let Self { mut file, stamp, marks, unmerged } = self;
        let roster = Roster::fold(std::mem::take(&mut file.roster))?;
        settings.pin.as_ref().map_or(Ok(()), |pin| pin.check_roster(&roster))?;
        check_blocks(&file, &roster)?;
        let (location, settings) = (location.clone(), settings.clone());
        let vault = Vault {
            location,
            file,
            roster,
            stamp,
            marks,
            highest: OnceCell::new(),
            asked: Asked::default(),
            settings,
            warnings: RefCell::default(),
            unmerged,
            ahead: RefCell::default(),
        };
        if vault.unmerged.is_some() {
            vault.warn(Warning {
                text: "the file has an unresolved merge, so nothing can be saved".to_owned(),
                hint: Some(("merge both sides, item by item: ", Remedy::Merge).into()),
            })?;
        }
        Ok(Unproven::new(vault))
    }
}

/// Reads a file for `open`, and reads it again if it was replaced in the meantime.
pub(super) fn settled<T>(path: &Path, open: impl Fn(&Location, Vec<u8>, Stamp) -> Result<T>) -> Result<T> {
    settled_at(&Location::of(path)?, open)
}

fn settled_at<T>(location: &Location, open: impl Fn(&Location, Vec<u8>, Stamp) -> Result<T>) -> Result<T> {
    // A link is kept, and the file it points to is replaced, so everything happens at the real path.
    let path = &location.real;
    loop {
        let (bytes, stamp) = fs::read(path, MAX_FILE)?;
        let opened = open(location, bytes, stamp)?;
        // A writer may have replaced the file and raised the marks between the two reads. Then the file read here only
        // looks older than what was seen.
        if std::fs::metadata(path).is_ok_and(|metadata| Stamp::of(&metadata) == stamp) {
            return Ok(opened);
        }
    }
}

impl Vault {
    /// Reads a file, verifies its roster, and checks that its environments are those of the roster.
    ///
    /// # Errors
    /// If the file is missing ([`Error::is_missing_file`]); an integrity error that says what is wrong.
    pub fn open(path: &Path, settings: &Settings) -> Result<Self> {
        Unproven::open(path, settings)?.prove()
    }

    /// Makes a vault with the same path and settings, but with another file and a verified roster. The caller checks
    /// that they belong together.
    pub(super) fn of_parts(like: &Self, file: File, roster: Roster) -> Self {
        let Self { location, stamp, marks, settings, .. } = like;
        let (location, settings) = (location.clone(), settings.clone());
        let (highest, asked, warnings) = (OnceCell::new(), Asked::default(), RefCell::default());
        let (stamp, marks, unmerged, ahead) = (*stamp, marks.clone(), None, RefCell::default());
        Self { location, file, roster, stamp, marks, highest, asked, settings, warnings, unmerged, ahead }
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

/// Checks that the roster's environments and the blocks correspond one to one.
pub(super) fn check_blocks(file: &File, roster: &Roster) -> Result<()> {
    let environments = &roster.state().environments;
    if let Some(missing) = environments.keys().find(|name| file.block(name).is_none()) {
        return Err(missing_block(missing));
    }
    if file.blocks.len() == environments.len() {
        return Ok(());
    }
    let extra = file.blocks.iter().map(|block| &block.statement.name).find(|name| !environments.contains_key(*name));
    let what =
        extra.map_or("an environment twice".to_owned(), |name| format!("an environment {name} that no admin added"));
    Err(Error::integrity(format!("the file has {what}")).hint("restore it from a copy you trust"))
}
