//! The file format: a TOML outline that people can read, around armored age blocks. This module decrypts and verifies
//! nothing. It only removes a block's armor and rebuilds the message that the block's author must have signed.
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

/// Whether `bytes`, the beginning of a file, are from a vault that this program wrote.
#[must_use]
pub fn is_vault(bytes: &[u8]) -> bool {
    bytes.starts_with(HEADING.as_bytes())
}

/// The maximum size of a file, in bytes.
pub const MAX_FILE: usize = 32 * 1024 * 1024;
/// The maximum size of a slot's armored data, in bytes.
pub const MAX_SLOT: usize = 8 * 1024;
/// The maximum number of a user's key slots. A user has at most one passphrase slot.
pub const MAX_KEY_SLOTS: usize = 8;
/// The only format that this program reads and writes.
pub const FORMAT: u32 = 1;

/// A parsed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The signed changes, oldest first, not verified yet.
    pub roster: Vec<Statement>,
    /// The slots, which open identities.
    pub slots: Vec<Slot>,
    /// The encrypted environments, sorted by name.
    pub blocks: Vec<Block>,
}

/// One way to open a user's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The user.
    pub user: UserName,
    /// How the slot is opened.
    pub kind: SlotKind,
    /// The armored age file.
    pub data: Armor,
}

/// How a slot is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotKind {
    /// With a passphrase, by scrypt.
    Passphrase,
    /// With a key.
    Key {
        /// Tells which key: 8 bytes in hexadecimal. See [`crate::identity::Key::hint`].
        hint: String,
    },
}

impl SlotKind {
    /// The word used in the file.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Key { .. } => "key",
        }
    }
}

/// An encrypted environment, with the statement that its author signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The signed statement, without the hash of the data.
    pub statement: BlockStatement,
    /// The author's signature over [`BlockStatement::message`].
    pub signature: Signature,
    /// The armored age file.
    pub data: Armor,
}

/// The statement that the author of a block signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockStatement {
    /// The name of the environment.
    pub name: EnvironmentName,
    /// The version, from 1 when the environment was added.
    pub version: u32,
    /// The hashes of the parent statements, sorted: none for version 1, two after a merge.
    pub previous: Vec<Hash>,
    /// The ancestors: see [`Lineage`].
    pub ancestors: Ancestors,
    /// The roster that the author saw.
    pub roster: Head,
    /// Who wrote the block.
    pub author: UserName,
    /// When the block was written, by the author's clock.
    pub time: Time,
}

impl BlockStatement {
    /// The time of the block as others take it: the author's, but never later than now.
    #[must_use]
    pub fn written(&self) -> Time {
        self.time.min(Time::now())
    }

    /// Builds the message that the author signs, `vault/environment/v1`. `data` is the hash of the binary age file.
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

/// A block's binary age file, with the message and the hash that result from it.
pub struct Dearmored {
    /// The binary age file.
    pub bytes: Vec<u8>,
    /// The message that the author must have signed.
    pub message: Message,
    /// The hash of the statement.
    pub hash: Hash,
}

impl Block {
    /// Removes the armor, and computes the message and the hash.
    ///
    /// # Errors
    /// An integrity error if the armor is damaged.
    pub fn dearmor(&self, vault: &Hash) -> Result<Dearmored> {
        let bytes = crypto::dearmor(&self.data)
            .map_err(|error| Error::integrity(format!("environment {}: {error}", self.statement.name)))?;
        let message = self.statement.message(vault, &Hash::of(&bytes));
        let hash = message.hash(&self.signature);
        Ok(Dearmored { bytes, message, hash })
    }
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

    /// Returns the block of an environment.
    #[must_use]
    pub fn block(&self, name: &EnvironmentName) -> Option<&Block> {
        self.blocks.iter().find(|block| block.statement.name == *name)
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
