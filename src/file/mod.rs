//! The file format: a TOML outline that people can read, around armored age blocks. This module decrypts and verifies
//! nothing. It only removes a block's armor and rebuilds the message that the block's author must have signed.
//!
//! Reading is strict and bounded: it refuses unknown fields, formats and kinds, and checks the limit of every list and
//! text before keeping it (vault-format(5), "Bounds").

mod ancestors;
mod armor;
mod block;
mod fields;
mod lineage;
mod lines;
mod markers;
mod outline;
mod parsed;
mod raw;
mod read;
mod slot;
mod statement;
mod write;

pub use ancestors::Ancestors;
pub use armor::Armor;
pub use block::{Block, BlockStatement, Dearmored};
pub use lineage::{Forebears, Lineage, Relation};
pub use markers::sides;
pub use outline::lines as outline_lines;
pub use parsed::{FORMAT, File, MAX_FILE};
pub use slot::{MAX_KEY_SLOTS, MAX_SLOT, Slot, SlotKind};
pub use write::HEADING;

use crate::error::Result;
use crate::roster::Statement;

/// Whether `bytes`, the beginning of a file, are from a vault that this program wrote.
#[must_use]
pub fn is_vault(bytes: &[u8]) -> bool {
    bytes.starts_with(HEADING.as_bytes())
}

impl File {
    /// Parses the bytes of a file.
    ///
    /// # Errors
    /// An integrity error that says what is wrong, without any of the encrypted data.
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Self> {
        read::parse(bytes.into())
    }

    /// Returns the file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        write::file(self)
    }
}

/// Returns the text of a roster alone, in the format of a file.
#[must_use]
pub fn roster_to_text(statements: &[Statement]) -> String {
    write::roster(statements)
}

/// Parses what [`roster_to_text`] writes.
///
/// # Errors
/// An integrity error if the text is not a valid roster.
pub fn roster_from_text(text: &str) -> Result<Vec<Statement>> {
    read::roster(text)
}
