//! Sets up git in one clone, and undoes that: a line in .gitattributes, which everybody shares, and settings of the clone,
//! which git never shares.

use super::attributes::{Attributes, line};
use super::{Overruled, SETTINGS, converted, overruled};
use crate::error::{Error, Result};
use crate::git::Git;
use std::path::{Path, PathBuf};

/// The work tree around a vault.
pub struct WorkTree {
    git: Git,
    top: PathBuf,
    /// The vault's path relative to the top.
    vault: PathBuf,
    line: String,
}

/// What was added.
#[derive(Debug, PartialEq, Eq)]
pub struct Added {
    /// Whether .gitattributes did not have the line before.
    pub line: bool,
    /// The settings that this clone did not have before.
    pub settings: Vec<&'static str>,
}

/// What was removed.
#[derive(Debug, PartialEq, Eq)]
pub struct Removed {
    /// Whether .gitattributes had the line.
    pub line: bool,
    /// The settings that this clone had.
    pub settings: Vec<&'static str>,
    /// The settings that somebody has changed. They are kept.
    pub kept: Vec<&'static str>,
}

impl WorkTree {
    /// Finds the work tree around a vault, which need not exist.
    ///
    /// # Errors
    /// If there is none, or the vault's path has characters that .gitattributes can't have.
    pub fn around(vault: &Path) -> Result<Self> {
        let vault = std::path::absolute(vault).map_err(|error| Error::io("find", vault, &error))?;
        let directory = vault.parent().unwrap_or(Path::new("/"));
        let directory = std::fs::canonicalize(directory).map_err(|error| Error::io("find", directory, &error))?;
        let git = Git::at(&directory);
        if git.is_bare()? {
            return Err(Error::usage(format!("{} is a bare repository, without files to merge", directory.display()))
                .hint("run this in a clone with a work tree"));
        }
        let top = git.top()?;
        let vault = directory.strip_prefix(&top).unwrap_or(Path::new("")).join(vault.file_name().unwrap_or_default());
        let line = line(&vault)?;
        Ok(Self { git: Git::at(&top), top, vault, line })
    }

    /// Returns the path of the file with the line.
    #[must_use]
    pub fn attributes(&self) -> PathBuf {
        self.top.join(".gitattributes")
    }

    /// Returns the line that names the drivers for the vault.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Adds the line and the settings that are missing. A setting with another value is replaced.
    ///
    /// # Errors
    /// If the file can't be written, or git fails.
    pub fn set_up(&self) -> Result<Added> {
        let attributes = Attributes::read(&self.top)?;
        let line = !attributes.has(&self.line);
        if line {
            attributes.add(&self.line)?;
        }
        let mut settings = Vec::new();
        for (key, value) in SETTINGS {
            if self.git.setting_of_clone(key).as_deref() != Some(value) {
                self.git.set_in_clone(key, value)?;
                settings.push(key);
            }
        }
        Ok(Added { line, settings })
    }

    /// Removes the line and the settings, and nothing else.
    ///
    /// # Errors
    /// If the file can't be written, or git fails.
    pub fn undo(&self) -> Result<Removed> {
        let attributes = Attributes::read(&self.top)?;
        let line = attributes.has(&self.line);
        if line {
            attributes.remove(&self.line)?;
        }
        let (mut settings, mut kept) = (Vec::new(), Vec::new());
        for (key, value) in SETTINGS {
            match self.git.setting_of_clone(key) {
                Some(own) if own == value => {
                    self.git.unset_in_clone(key)?;
                    settings.push(key);
                }
                Some(_) => kept.push(key),
                None => {}
            }
        }
        Ok(Removed { line, settings, kept })
    }

    /// Returns the attributes of the vault that other lines override.
    ///
    /// # Errors
    /// If git fails.
    pub fn overruled(&self) -> Result<Vec<Overruled>> {
        let mut wrong = overruled(&self.git, &self.vault)?;
        wrong.extend(converted(&self.git, &self.vault)?);
        Ok(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const GIT: &str = "git";

    #[test]
    fn setting_up_adds_what_is_missing_and_undoing_keeps_what_somebody_changed() {
        let directory = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| Command::new(GIT).arg("-C").arg(directory.path()).args(arguments).status();
        if !git(&["init", "-q"]).is_ok_and(|status| status.success()) {
            return;
        }
        let tree = WorkTree::around(&directory.path().join("secrets.vault")).unwrap();
        let all = SETTINGS.map(|(key, _)| key);
        assert_eq!(tree.set_up().unwrap(), Added { line: true, settings: all.to_vec() });
        assert_eq!(std::fs::read_to_string(tree.attributes()).unwrap().trim_end(), tree.line());
        assert_eq!(tree.set_up().unwrap(), Added { line: false, settings: Vec::new() });
        assert!(git(&["config", all[0], "mine"]).unwrap().success());
        let removed = Removed { line: true, settings: all[1..].to_vec(), kept: vec![all[0]] };
        assert_eq!(tree.undo().unwrap(), removed);
        assert_eq!(tree.set_up().unwrap(), Added { line: true, settings: all.to_vec() }, "another value is replaced");
        assert_eq!(tree.overruled().unwrap(), []);
    }
}
