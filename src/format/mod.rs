//! Interchange: the formats that other tools write and read, as pure functions on bytes.
//!
//! [`dotenv`] reads `.env` files, and [`import`] reads the other formats; [`export`] writes values in the formats of
//! shells, files and services. Nothing here reads a file, an environment variable or a terminal, and no message carries
//! a value.

mod buffer;
pub mod dotenv;
pub mod export;
pub mod import;
mod kind;
mod lines;
pub mod needs;
#[cfg(test)]
mod readers_tests;

use crate::error::Remedy;
use crate::ordered::InOrder as _;
use crate::secret::SecretBytes;
use std::fmt;

/// What an import found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// One entry per name, in the order of the file. The names are as found: the caller checks them.
    pub entries: Vec<Entry>,
    /// What a person should know about the file, by line.
    pub notes: Notes,
}

/// A name with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name as it stands in the file; not necessarily one an item may have.
    pub name: String,
    /// The value, decoded.
    pub value: SecretBytes,
    /// The line its entry begins on, from 1.
    pub line: usize,
    /// Words that the file has to find it by; they are what an item's may be.
    pub tags: Vec<String>,
    /// Whether it was kept as a secret: in a password manager, or in a Secret of Kubernetes.
    pub is_kept_secret: bool,
}

impl Entry {
    fn new(name: impl Into<String>, value: SecretBytes, line: usize) -> Self {
        Self { name: name.into(), value, line, tags: Vec::new(), is_kept_secret: false }
    }

    /// An entry that was kept as a secret.
    fn kept_secret(name: impl Into<String>, value: SecretBytes, line: usize) -> Self {
        Self { is_kept_secret: true, ..Self::new(name, value, line) }
    }
}

/// What is to be said about a file. Of very many remarks the first are kept and the others counted: a file of a few
/// megabytes can give millions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes {
    kept: Vec<Note>,
    further: usize,
    is_anything_left_out: bool,
}

impl Notes {
    /// How many are kept.
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

    /// Puts them in the order of the file.
    pub fn sort_by_line(&mut self) {
        self.kept.order_by_key(|note| note.line);
    }

    /// How many there are beside those that are kept.
    #[must_use]
    pub fn further(&self) -> usize {
        self.further
    }

    /// Whether something of the file is in no entry.
    #[must_use]
    pub fn is_anything_left_out(&self) -> bool {
        self.is_anything_left_out
    }
}

impl std::ops::Deref for Notes {
    type Target = [Note];

    fn deref(&self) -> &[Note] {
        &self.kept
    }
}

/// A remark on a line of the file. It never carries a value, nor a name that could be a piece of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The line, from 1.
    pub line: usize,
    /// The name the remark is about, where there is one.
    pub name: Option<String>,
    /// The remark, in words.
    pub message: String,
    /// Whether something of the file is in no entry: it would be lost with the file.
    pub is_left_out: bool,
    /// Whether all readers take the value alike but for what some of them replace in it, which is kept as it stands.
    pub is_only_expanded: bool,
    /// What takes it all the same, where something does.
    pub remedy: Option<Remedy>,
}

impl Note {
    fn new(line: usize, name: Option<String>, message: impl Into<String>) -> Self {
        Self { line, name, message: message.into(), is_left_out: false, is_only_expanded: false, remedy: None }
    }

    /// On what is in no entry.
    fn left_out(line: usize, name: Option<String>, what: impl fmt::Display) -> Self {
        Self { is_left_out: true, ..Self::new(line, name, format!("{what}; left out")) }
    }

    /// On an entry that a later one of its name has replaced.
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
