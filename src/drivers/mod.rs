//! Sets git up to merge and show a vault's file by item, and to keep values out of commits: with a line in
//! .gitattributes for everybody, settings for each clone, and a pre-commit hook.

mod attributes;
pub mod hook;
mod program;
mod work_tree;

pub use program::{Found, found};
pub use work_tree::{Added, Removed, WorkTree};

use crate::error::Result;
use crate::git::{Git, work_trees_above};
use crate::vault::DEFAULT_NAME;
use attributes::{Attributes, CONVERSIONS, EXPECTED};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The setting with the merge driver. It shows whether a clone is set up.
pub const DRIVER: &str = "merge.vault.driver";

/// The settings of a clone. git quotes %P for the shell itself. If there are several merge bases, git takes one of them
/// as the common ancestor instead of merging them with somebody's keys. The texts of a diff are not cached
/// (cachetextconv): git would store them in the repository's own objects, where everybody with the clone could read the
/// names.
pub const SETTINGS: [(&str, &str); 6] = [
    ("merge.vault.name", "vault merges by item"),
    (DRIVER, "vault merge --driver %O %A %B %P %S %X %Y"),
    ("merge.vault.recursive", "binary"),
    ("diff.vault.textconv", "vault git textconv"),
    ("diff.vault.cachetextconv", "false"),
    ("diff.vault.xfuncname", "^\\[.*$"),
];

/// How far git is set up for a vault in a clone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setup {
    /// The setup is complete, or the vault is in no clone.
    Done,
    /// .gitattributes does not name the drivers.
    None,
    /// .gitattributes names the drivers, but this clone does not define them.
    OnlyAttributes,
}

/// Returns how far the clone around a vault is set up. git runs only if .gitattributes names the drivers.
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

/// Returns whether a directory is in a git work tree, so that what is in it may be committed.
#[must_use]
pub fn is_in_work_tree(directory: &Path) -> bool {
    std::fs::canonicalize(directory).is_ok_and(|path| work_trees_above(&path).next().is_some())
}

/// An attribute whose value is not the expected one, because another line overrides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruled {
    /// The vault's path, relative to the top of the work tree.
    pub path: PathBuf,
    /// The attribute's name.
    pub name: &'static str,
    /// The value it should have.
    pub expected: &'static str,
    /// The value that git reports.
    pub found: String,
}

/// Returns the attributes of this vault that other lines override; `path` is relative to the top. A vault with the
/// default name stands for every tracked vault with that name.
///
/// # Errors
/// If git fails.
pub(crate) fn overruled(git: &Git, path: &Path) -> Result<Vec<Overruled>> {
    let mut overruled = Vec::new();
    for path in paths(git, path)? {
        let found = git.attributes(&EXPECTED.map(|(name, _)| name), &path)?;
        let wrong = EXPECTED.iter().zip(found).find(|((_, expected), found)| expected != found);
        overruled.extend(wrong.map(|((name, expected), found)| Overruled { path, name, expected, found }));
    }
    Ok(overruled)
}

/// Returns the attributes that make git convert this vault's content, whatever the merge driver; `path` as in
/// [`overruled`].
///
/// # Errors
/// If git fails.
pub(crate) fn converted(git: &Git, path: &Path) -> Result<Vec<Overruled>> {
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
