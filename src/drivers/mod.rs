//! How git learns to merge and show a vault's file by item, and to keep values out of commits: a line in .gitattributes
//! for everybody, settings for each clone, and a pre-commit hook.

pub mod attributes;
pub mod hook;
mod program;

pub use program::{Found, found};

use crate::error::Result;
use crate::git::{Git, work_trees_above};
use crate::vault::DEFAULT_NAME;
use attributes::{Attributes, CONVERSIONS, EXPECTED};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The merge driver's setting, which tells whether a clone is set up.
pub const DRIVER: &str = "merge.vault.driver";

/// A clone's settings. git quotes %P for the shell itself. For the common ancestor of several merge bases git takes one of
/// them as it is, instead of merging them with anybody's keys. Texts of a diff are not kept (cachetextconv): git would put
/// them into the repository's own objects, where names stay readable for whoever has the clone.
pub const SETTINGS: [(&str, &str); 6] = [
    ("merge.vault.name", "vault merges by item"),
    (DRIVER, "vault merge --driver %O %A %B %P %S %X %Y"),
    ("merge.vault.recursive", "binary"),
    ("diff.vault.textconv", "vault git textconv"),
    ("diff.vault.cachetextconv", "false"),
    ("diff.vault.xfuncname", "^\\[.*$"),
];

/// How far git in the clone around a vault is set up for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    /// It is in no clone, or everything is there.
    Done,
    /// .gitattributes doesn't name the drivers.
    None,
    /// .gitattributes names them, and this clone doesn't know what they are.
    OnlyAttributes,
}

/// How far the clone around a vault is set up. git is asked only where .gitattributes names the drivers.
#[must_use]
pub fn setup_around(vault: &Path) -> Setup {
    let Some(top) = vault.parent().and_then(|directory| work_trees_above(directory).next()) else { return Setup::Done };
    let directories = vault.ancestors().skip(1).take_while(|directory| directory.starts_with(top));
    let mut attributes = directories.filter_map(|directory| Attributes::read(directory).ok());
    match attributes.any(|attributes| attributes.names_driver()) {
        false => Setup::None,
        true if Git::at(top).has_setting(DRIVER) => Setup::Done,
        true => Setup::OnlyAttributes,
    }
}

/// A line of attributes that outranks ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruled {
    /// The vault, from the top.
    pub path: PathBuf,
    /// The attribute.
    pub name: &'static str,
    /// What it has to be.
    pub expected: &'static str,
    /// What git has.
    pub found: String,
}

/// Where other lines of attributes decide for this vault; `path` is from the top. The default name stands for every vault of
/// that name.
///
/// # Errors
/// If git fails.
pub fn overruled(git: &Git, path: &Path) -> Result<Vec<Overruled>> {
    let mut overruled = Vec::new();
    for path in paths(git, path)? {
        let found = git.attributes(&EXPECTED.map(|(name, _)| name), &path)?;
        let wrong = EXPECTED.iter().zip(found).find(|((_, expected), found)| expected != found);
        overruled.extend(wrong.map(|((name, expected), found)| Overruled { path, name, expected, found }));
    }
    Ok(overruled)
}

/// Where attributes make git convert the content of this vault, whatever merges it; as [`overruled`].
///
/// # Errors
/// If git fails.
pub fn converted(git: &Git, path: &Path) -> Result<Vec<Overruled>> {
    let mut converted = Vec::new();
    for path in paths(git, path)? {
        let found = git.attributes(&CONVERSIONS, &path)?;
        for (name, found) in CONVERSIONS.into_iter().zip(found) {
            if !matches!(found.as_str(), "unspecified" | "unset") {
                converted.push(Overruled { path: path.clone(), name, expected: "unset", found });
            }
        }
    }
    Ok(converted)
}

fn paths(git: &Git, path: &Path) -> Result<Vec<PathBuf>> {
    let name = path.file_name().unwrap_or(OsStr::new(DEFAULT_NAME));
    let mut paths = vec![path.to_owned()];
    if name == DEFAULT_NAME {
        paths.extend(git.tracked_as(name)?.into_iter().filter(|other| other != path));
    }
    Ok(paths)
}
