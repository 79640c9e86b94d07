//! A block that passed every check.

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

/// A block that passed every check, with its binary age file.
#[derive(Debug)]
pub(super) struct Verified {
    pub bytes: Vec<u8>,
    pub seen: Seen,
    pub standing: Standing,
}
