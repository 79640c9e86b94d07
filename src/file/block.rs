//! A block of the file: an encrypted environment, with what its author signed.

use super::ancestors::Ancestors;
use super::armor::Armor;
use crate::crypto;
use crate::error::{Error, Result};
use crate::identity::Head;
use crate::name::{EnvironmentName, UserName};
use crate::signature::{Hash, Message, Signature};
use crate::time::Time;

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
    /// The ancestors: see [`Lineage`](super::Lineage).
    pub ancestors: Ancestors,
    /// The roster that the author saw.
    pub roster: Head,
    /// Who wrote the block.
    pub author: UserName,
    /// When the block was written, by the author's clock.
    pub time: Time,
}

impl BlockStatement {
    /// The block's time as readers use it: the author's time, but never later than now.
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
