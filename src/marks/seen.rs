//! A version of an environment that this device has seen.

use crate::signature::Hash;
use serde::{Deserialize, Serialize};

/// A version of an environment that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The roster version that added the environment. It distinguishes the environment from a later one of the same
    /// name.
    pub added: u32,
    /// The version.
    pub version: u32,
    /// The hash of the block's statement.
    pub hash: Hash,
}
