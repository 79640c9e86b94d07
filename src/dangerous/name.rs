//! A name that this device can allow.

use super::is_dangerous;
use crate::error::{Error, Result};
use crate::name::VariableName;

/// A dangerous name. Only these need a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DangerousName(VariableName);

impl DangerousName {
    /// Accepts a dangerous name.
    ///
    /// # Errors
    /// A usage error for an ordinary name.
    pub fn new(name: VariableName) -> Result<Self> {
        match is_dangerous(name.as_str()) {
            true => Ok(Self(name)),
            false => Err(Error::usage(format!("{name} is an ordinary name: commands get it without permission"))),
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}
