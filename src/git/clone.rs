//! Reads and changes a clone's configuration, and reads the attributes and the files of its work tree.

use super::Git;
use crate::error::Result;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

impl Git {
    /// Whether the repository has no work tree.
    ///
    /// # Errors
    /// If git fails, for example because there is no repository.
    pub fn is_bare(&self) -> Result<bool> {
        Ok(self.call(["rev-parse", "--is-bare-repository"]).line()? == b"true")
    }

    /// Returns the top directory of the work tree.
    ///
    /// # Errors
    /// If git fails, for example because there is no work tree.
    pub fn top(&self) -> Result<PathBuf> {
        Ok(OsStr::from_bytes(&self.call(["rev-parse", "--show-toplevel"]).line()?).into())
    }

    /// Whether a setting exists for this clone, this user or this machine.
    #[must_use]
    pub fn has_setting(&self, key: &str) -> bool {
        self.call(["config", "--get", key]).succeeds()
    }

    /// Returns a setting from this clone's own configuration.
    #[must_use]
    pub fn setting_of_clone(&self, key: &str) -> Option<String> {
        let line = self.call(["config", "--local", "--get", key]).line().ok()?;
        Some(String::from_utf8_lossy(&line).into_owned())
    }

    /// Sets a setting in this clone's own configuration, replacing all its values.
    ///
    /// # Errors
    /// If git fails, for example because another git is changing the configuration.
    pub fn set_in_clone(&self, key: &str, value: &str) -> Result<()> {
        self.call(["config", "--local", "--replace-all", key, value]).output().map(drop)
    }

    /// Removes a setting from this clone's own configuration.
    ///
    /// # Errors
    /// As [`Git::set_in_clone`].
    pub fn unset_in_clone(&self, key: &str) -> Result<()> {
        self.call(["config", "--local", "--unset-all", key]).output().map(drop)
    }

    /// Returns the values of these attributes of a file, each as git prints it: `set`, `unset`, `unspecified` or a word.
    ///
    /// # Errors
    /// If git fails.
    pub fn attributes(&self, names: &[&str], path: &Path) -> Result<Vec<String>> {
        let options = ["check-attr", "-z"].iter().chain(names).map(OsStr::new);
        let list = self.call(options.chain([OsStr::new("--"), path.as_os_str()])).output()?;
        // Three fields for each attribute: the path, the attribute, its value.
        let fields: Vec<&[u8]> = list.split(|byte| *byte == 0).collect();
        Ok(fields.chunks_exact(3).map(|fields| String::from_utf8_lossy(fields[2]).into_owned()).collect())
    }

    /// Returns the files that are tracked, or untracked and not ignored, relative to the directory.
    ///
    /// # Errors
    /// If git fails.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        let options = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
        let list = self.call(options).output()?;
        let paths = list.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| PathBuf::from(OsStr::from_bytes(path))).collect())
    }

    /// Returns the tracked files with this name, relative to the directory.
    ///
    /// # Errors
    /// If git fails.
    pub fn tracked_as(&self, name: &OsStr) -> Result<Vec<PathBuf>> {
        let list = self.call(["ls-files", "-z"]).output()?;
        let paths = list.split(|byte| *byte == 0).map(|path| PathBuf::from(OsStr::from_bytes(path)));
        Ok(paths.filter(|path| path.file_name() == Some(name)).collect())
    }
}
