//! Interchange: the formats of other tools, as pure functions on bytes.
//!
//! [`dotenv`] reads `.env` files, [`import`] reads other formats, and [`export`] writes the formats of shells, files
//! and services. Nothing here reads a file, an environment variable or a terminal, and no message has a value in it.

mod buffer;
pub mod dotenv;
pub mod export;
pub mod import;
mod kind;
mod lines;
pub mod needs;
#[cfg(test)]
mod readers_tests;
mod source;

pub use source::Source;

use crate::error::Remedy;
use crate::ordered::InOrder as _;
use crate::secret::SecretBytes;
use std::fmt;

/// The result of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// One entry per name, in the order of the file. The names are as in the file, and the caller checks them.
    pub entries: Vec<Entry>,
    /// Remarks for the user, in the order of the lines.
    pub notes: Notes,
}

/// A name with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name as in the file. It is not necessarily a valid item name.
    pub name: String,
    /// The value, decoded.
    pub(crate) value: SecretBytes,
    /// The line on which the entry begins, from 1.
    pub line: usize,
    /// The tags that the file has for the entry. They are valid for an item.
    pub tags: Vec<String>,
    /// Whether the source treats it as a secret: a password manager or a Kubernetes Secret.
    pub is_kept_secret: bool,
}

impl Entry {
    fn new(name: impl Into<String>, value: SecretBytes, line: usize) -> Self {
        Self { name: name.into(), value, line, tags: Vec::new(), is_kept_secret: false }
    }

    /// Returns an entry that the source treats as a secret.
    fn kept_secret(name: impl Into<String>, value: SecretBytes, line: usize) -> Self {
        Self { is_kept_secret: true, ..Self::new(name, value, line) }
    }
}

/// Remarks on a file. Only the first are kept and the rest are counted, because a file of a few megabytes can cause
/// millions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes {
    kept: Vec<Note>,
    further: usize,
    is_anything_left_out: bool,
}

impl Notes {
    /// How many remarks are kept.
    const MAX: usize = 500;

    /// Adds a remark.
    pub fn push(&mut self, note: Note) {
        self.is_anything_left_out |= note.is_left_out;
        if self.kept.len() < Self::MAX {
            self.kept.push(note);
        } else {
            self.further += 1;
        }
    }

    /// Sorts the remarks in the order of the file.
    pub(crate) fn sort_by_line(&mut self) {
        self.kept.order_by_key(|note| note.line);
    }

    /// Returns how many remarks were counted and not kept.
    #[must_use]
    pub fn further(&self) -> usize {
        self.further
    }

    /// Returns whether a part of the file is in no entry.
    #[must_use]
    pub(crate) fn is_anything_left_out(&self) -> bool {
        self.is_anything_left_out
    }
}

impl std::ops::Deref for Notes {
    type Target = [Note];

    fn deref(&self) -> &[Note] {
        &self.kept
    }
}

/// A remark on a line of the file. It never contains a value, nor a name that could be a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The line, from 1.
    pub line: usize,
    /// The name that the remark is about, if there is one.
    pub name: Option<String>,
    /// The remark, in words.
    pub message: String,
    /// Whether something in the file is in no entry, and would be lost with the file.
    pub is_left_out: bool,
    /// Whether the only difference between the readers is that some expand references in the value, which are kept as
    /// written.
    pub is_only_expanded: bool,
    /// What the user can do to import it nevertheless, if anything.
    pub remedy: Option<Remedy>,
}

impl Note {
    fn new(line: usize, name: Option<String>, message: impl Into<String>) -> Self {
        Self { line, name, message: message.into(), is_left_out: false, is_only_expanded: false, remedy: None }
    }

    /// Returns a remark on something that is in no entry.
    fn left_out(line: usize, name: Option<String>, what: impl fmt::Display) -> Self {
        Self { is_left_out: true, ..Self::new(line, name, format!("{what}; left out")) }
    }

    /// Returns a remark on an entry that a later one with the same name replaced.
    fn replaced(line: usize, name: String, message: String) -> Self {
        Self { is_left_out: true, ..Self::new(line, Some(name), message) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}  ", self.line)?;
        if let Some(name) = &self.name {
            write!(f, "{name}: ")?;
        }
        f.write_str(&self.message)
    }
}
