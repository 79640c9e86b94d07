//! A file that was read and parsed, before its signatures are verified.

use super::location::Location;
use super::proven::missing_block;
use super::settings::{Settings, marks_store};
use super::{Claims, Unproven};
use crate::error::{Error, Result};
use crate::file::File;
use crate::fs::Stamp;
use crate::marks::Marks;
use crate::name::EnvironmentName;
use crate::roster::{Roster, UnprovenRoster};
use std::collections::BTreeSet;

/// A file that was read and parsed, but not verified.
pub(super) struct Parsed {
    pub file: File,
    pub stamp: Stamp,
    pub marks: Option<Marks>,
    pub unmerged: Option<BTreeSet<EnvironmentName>>,
}

impl Parsed {
    pub fn read(bytes: Vec<u8>, stamp: Stamp, settings: &Settings) -> Result<Self> {
        Self::of_file(File::parse(bytes)?, stamp, settings)
    }

    pub fn of_file(file: File, stamp: Stamp, settings: &Settings) -> Result<Self> {
        let marks = match file.roster.first() {
            Some(first) => marks_store(settings, &Roster::id_of(first)).load()?,
            None => None,
        };
        Ok(Self { file, stamp, marks, unmerged: None })
    }

    /// Checks everything about the roster except its signatures, and that its environments are in the file.
    pub fn fold(self, location: &Location, settings: &Settings) -> Result<Unproven> {
        let Self { mut file, stamp, marks, unmerged } = self;
        let (roster, proof) = UnprovenRoster::fold(std::mem::take(&mut file.roster))?.into_parts();
        settings.pin.as_ref().map_or(Ok(()), |pin| pin.check_roster(&roster))?;
        check_blocks(&file, &roster)?;
        let (location, settings) = (location.clone(), settings.clone());
        Ok(Unproven::new(Claims { location, file, roster, stamp, marks, settings, unmerged }, proof))
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
