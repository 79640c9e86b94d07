//! The file: a TOML outline that people can read, around armored age blocks. Nothing is decrypted or verified here. Of
//! a block, this module removes the armor and rebuilds the message that its author must have signed.
//!
//! Reading is strict and bounded: it refuses unknown fields, formats and kinds, and checks the limit of every list and
//! text before keeping it (vault-format(5), "Bounds").

mod armor;
mod fields;
mod lineage;
mod lines;
mod markers;
mod outline;
mod raw;
mod read;
mod statement;
mod write;

pub use armor::Armor;
pub use lineage::{Ancestors, Forebears, Lineage, MAX_ANCESTORS, Relation};
pub use markers::sides;
pub use outline::lines as outline_lines;
pub use write::HEADING;

use crate::crypto;
use crate::error::{Error, Result};
use crate::identity::Head;
use crate::name::{EnvironmentName, UserName};
use crate::roster::Statement;
use crate::signature::{Hash, Message, Signature};
use crate::time::Time;

/// Whether a file that begins so was written by this program.
#[must_use]
pub fn is_vault(bytes: &[u8]) -> bool {
    bytes.starts_with(HEADING.as_bytes())
}

/// The largest file, in bytes.
pub const MAX_FILE: usize = 32 * 1024 * 1024;
/// The largest slot, in bytes of its armored data.
pub const MAX_SLOT: usize = 8 * 1024;
/// The most key slots of one user; passphrase slots: one.
pub const MAX_KEY_SLOTS: usize = 8;
/// The one format this program reads and writes.
pub const FORMAT: u32 = 1;

/// A parsed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The signed changes, oldest first; not verified yet.
    pub roster: Vec<Statement>,
    /// The ways to open identities.
    pub slots: Vec<Slot>,
    /// The encrypted environments, in the order of their names.
    pub blocks: Vec<Block>,
}

/// One way to open a user's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Whose identity.
    pub user: UserName,
    /// How it opens.
    pub kind: SlotKind,
    /// The armored age file.
    pub data: Armor,
}

/// How a slot opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotKind {
    /// With a passphrase, by scrypt.
    Passphrase,
    /// With a key; the hint tells which: 8 bytes in hexadecimal.
    Key {
        /// See [`crate::identity::Key::hint`].
        hint: String,
    },
}

impl SlotKind {
    /// The word for it in the file.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Key { .. } => "key",
        }
    }
}

/// An encrypted environment with the statement its author signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What was signed, but for the hash of the data.
    pub statement: BlockStatement,
    /// The author's signature over [`BlockStatement::message`].
    pub signature: Signature,
    /// The armored age file.
    pub data: Armor,
}

/// What the author of a block states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockStatement {
    /// Which environment this is.
    pub name: EnvironmentName,
    /// Its version, from 1 since the environment was added.
    pub version: u32,
    /// The statements it follows, sorted: none at version 1, two after a merge.
    pub previous: Vec<Hash>,
    /// What came before it: see [`Lineage`].
    pub ancestors: Ancestors,
    /// The roster its author saw.
    pub roster: Head,
    /// Who wrote it.
    pub author: UserName,
    /// When, by the author's clock.
    pub time: Time,
}

impl BlockStatement {
    /// When it was written, as far as anybody else believes it: a time in the future is now.
    #[must_use]
    pub fn written(&self) -> Time {
        self.time.min(Time::now())
    }

    /// What the author signs: `vault/environment/v1`; `data` is the hash of the binary age file.
    #[must_use]
    pub fn message(&self, vault: &Hash, data: &Hash) -> Message {
        let Self { name, version, previous, ancestors, roster, author, time } = self;
        let mut message = Message::new("vault/environment/v1");
        message.raw(vault.as_bytes()).text(name.as_str()).integer(*version).count(previous.len());
        for hash in previous {
            message.raw(hash.as_bytes());
        }
        message.bytes(ancestors.as_bytes());
        message.integer(roster.version).raw(roster.hash.as_bytes());
        message.text(author.as_str()).text(&time.to_string()).raw(data.as_bytes());
        message
    }
}

/// A block's binary age file, and what its statement comes to with it.
pub struct Dearmored {
    /// The binary age file.
    pub bytes: Vec<u8>,
    /// What the author must have signed.
    pub message: Message,
    /// The hash of the statement.
    pub hash: Hash,
}

impl Block {
    /// Takes the armor off and hashes.
    ///
    /// # Errors
    /// An integrity error for damaged armor.
    pub fn dearmor(&self, vault: &Hash) -> Result<Dearmored> {
        let bytes = crypto::dearmor(&self.data)
            .map_err(|error| Error::integrity(format!("environment {}: {error}", self.statement.name)))?;
        let message = self.statement.message(vault, &Hash::of(&bytes));
        let hash = message.hash(&self.signature);
        Ok(Dearmored { bytes, message, hash })
    }
}

impl File {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// An integrity error that says what is wrong with it, never with a part of its data.
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Self> {
        read::parse(bytes.into())
    }

    /// The file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        write::file(self)
    }

    /// The block of this environment.
    #[must_use]
    pub fn block(&self, name: &EnvironmentName) -> Option<&Block> {
        self.blocks.iter().find(|block| block.statement.name == *name)
    }
}

/// The text of a roster alone, as it stands in a file.
#[must_use]
pub fn roster_to_text(statements: &[Statement]) -> String {
    write::roster(statements)
}

/// Reads what [`roster_to_text`] wrote.
///
/// # Errors
/// An integrity error.
pub fn roster_from_text(text: &str) -> Result<Vec<Statement>> {
    read::roster(text)
}
