//! What is kept about the names in an environment.

use crate::name::EnvironmentName;
use crate::signature::Hash;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is kept about an environment in addition to its mark.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// The roster version that added the environment. It distinguishes the environment from a later one of the same
    /// name.
    pub added: u32,
    /// The dangerous names that are allowed as variables.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub allowed: BTreeSet<String>,
    /// The statement of the last block of which all names are in the list of seen names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Hash>,
    /// When somebody last confirmed on this device that the protected environment may be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Time>,
}

/// Identifies an environment, as distinct from a later one of the same name.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The name.
    pub environment: &'a EnvironmentName,
    /// The roster version that added it.
    pub added: u32,
}
