//! The place between two segments.

use crate::signature::Hash;
use serde::{Deserialize, Serialize};

/// The end of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentEnd {
    /// The number of the segment.
    pub segment: u32,
    /// The hash of its header.
    pub header: Hash,
    /// The number of its last entry.
    pub number: u64,
    /// The hash of that entry.
    pub hash: Hash,
}

impl Default for SegmentEnd {
    /// The place before the first segment.
    fn default() -> Self {
        Self { segment: 0, header: Hash::ZERO, number: 0, hash: Hash::ZERO }
    }
}
