//! A block that passed every check.

use crate::file::BlockStatement;
use crate::marks::Seen;

/// Why a block is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its author may write it.
    Valid,
    /// Its author may no longer write it. The admin who took the right could not write it either, and left it for the
    /// next writer to renew.
    Pending,
}

/// The last save of an environment, whose block passed every check.
#[derive(Debug, Clone, Copy)]
pub struct LastSave<'a> {
    /// What its author has signed.
    pub statement: &'a BlockStatement,
    /// Why it is accepted.
    pub standing: Standing,
}

/// A block that passed every check, with its binary age file.
#[derive(Debug)]
pub(super) struct Verified {
    pub bytes: Vec<u8>,
    pub seen: Seen,
    pub standing: Standing,
}
