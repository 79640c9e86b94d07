//! Where a plaintext belongs.

use crate::name::EnvironmentName;
use crate::signature::Hash;

/// The place of a plaintext. The plaintext repeats it, so that a block can't be replaced with another one.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The vault's id.
    pub vault: &'a Hash,
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// The version of the block.
    pub version: u32,
}
