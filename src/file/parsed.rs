//! A parsed file: its roster, slots and blocks.

use super::block::Block;
use super::slot::Slot;
use crate::name::EnvironmentName;
use crate::roster::Statement;

/// The maximum size of a file, in bytes.
pub const MAX_FILE: usize = 32 * 1024 * 1024;
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

impl File {
    /// Returns the block of an environment.
    #[must_use]
    pub fn block(&self, name: &EnvironmentName) -> Option<&Block> {
        self.blocks.iter().find(|block| block.statement.name == *name)
    }
}
