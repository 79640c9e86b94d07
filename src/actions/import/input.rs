//! What an import reads: a file, or bytes from elsewhere.

use crate::error::Result;
use crate::file::MAX_FILE;
use crate::fs::{self, Stamp};
use crate::secret::SecretBytes;
use std::path::{Path, PathBuf};

/// The bytes to import, and where they come from.
pub struct Input {
    pub(super) bytes: SecretBytes,
    pub(super) origin: Origin,
}

/// Where the bytes come from.
pub(super) enum Origin {
    File(SourceFile),
    /// Not a file, but what this names.
    Elsewhere(&'static str),
}

/// A file that was read for an import.
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    /// Identifies the file as it was when it was read. A pipe has none.
    pub(super) stamp: Option<Stamp>,
}

impl Input {
    /// Reads a file, or a pipe that is already open, such as a shell makes for `<(command)`.
    ///
    /// # Errors
    /// A failure if it can't be read or is too large.
    pub fn open(path: &Path) -> Result<Self> {
        let (bytes, stamp) = fs::read_named_with_stamp(path, MAX_FILE)?;
        let file = SourceFile { path: path.to_owned(), stamp };
        Ok(Self { bytes: SecretBytes::new(bytes), origin: Origin::File(file) })
    }

    /// Takes bytes that come from no file. Messages say that they come from `origin`, such as standard input.
    #[must_use]
    pub fn from_elsewhere(origin: &'static str, bytes: SecretBytes) -> Self {
        Self { bytes, origin: Origin::Elsewhere(origin) }
    }
}

impl Origin {
    /// Returns the file's name, without its directory.
    pub(super) fn file_name(&self) -> Option<&str> {
        match self {
            Self::File(file) => file.path.file_name().and_then(|name| name.to_str()),
            Self::Elsewhere(_) => None,
        }
    }

    /// Returns the file, unless the bytes come from elsewhere.
    pub(super) fn file(self) -> Option<SourceFile> {
        match self {
            Self::File(file) => Some(file),
            Self::Elsewhere(_) => None,
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(file) => file.path.display().fmt(f),
            Self::Elsewhere(origin) => f.write_str(origin),
        }
    }
}
