//! Interchange: what other tools leave and read, as pure functions on bytes.
//!
//! [`dotenv`] reads `.env` files and [`import`] what else people leave; [`export`] writes values in the formats of
//! shells, files and services. Nothing here reads a file, an environment variable or a terminal, and no message carries
//! a value.

mod buffer;
pub mod dotenv;
pub mod export;
pub mod import;
pub mod needs;
#[cfg(test)]
mod readers_tests;

use crate::secret::SecretBytes;
use std::fmt;

/// What an import found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// One entry per name, in the order of the file. The names are as found: the caller checks them.
    pub entries: Vec<Entry>,
    /// What a person should know about the file, by line.
    pub notes: Vec<Note>,
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
