//! Reads variables from a .env file. Their values may refer to items.
//!
//! - Gives text without values: `Files::names`

use crate::actions::references::{References, Referred};
use crate::error::Result;
use crate::format::Entry;
use crate::format::dotenv::{self, Dialect};
use crate::item::{Injectable, Kind};
use crate::template;
use std::path::PathBuf;

/// The contents of the files, without the values of the items that they refer to.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Files(Vec<Line>);

#[derive(Clone, PartialEq, Eq)]
struct Line {
    /// The file's name.
    file: String,
    entry: Entry,
}

/// The variables of the files, with the values of the items filled in.
#[derive(Default)]
pub(super) struct Filled {
    /// In the order of the files: a later variable wins.
    pub items: Vec<Injectable>,
    /// The items that the files refer to.
    pub referred: Vec<Injectable>,
}

/// Reads the files, and asks for the items that they refer to.
pub(super) fn read(files: &[PathBuf], references: &mut References<'_>) -> Result<Files> {
    let mut lines = Vec::new();
    for file in files {
        let bytes = crate::fs::read_named(file, crate::file::MAX_FILE)?;
        let shown = file.display().to_string();
        for entry in dotenv::entries(&bytes, Dialect::default())? {
            template::fill(&entry.value, &shown, entry.line, |reference| references.want(reference))?;
            lines.push(Line { file: shown.clone(), entry });
        }
    }
    Ok(Files(lines))
}

impl Files {
    /// The names of the variables that the files set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|line| line.entry.name.as_str())
    }

    /// Fills in the values of the items that the files refer to.
    pub fn fill(&self, values: &Referred) -> Result<Filled> {
        let mut filled = Filled::default();
        for Line { file, entry } in &self.0 {
            let kind = if template::has_reference(&entry.value) { Kind::Secret } else { Kind::Variable };
            let value = template::fill(&entry.value, file, entry.line, |reference| {
                filled.referred.push(values.item(reference)?.clone());
                values.value(reference)
            })?;
            let name = entry.name.clone();
            filled.items.push(Injectable { kind, ..Injectable::new(name, value) });
        }
        Ok(filled)
    }
}
