//! The check that two environments are not one and the same.

use crate::error::{Error, Reason, Remedy, Result};
use crate::name::EnvironmentName;

/// Checks that these are two environments.
///
/// # Errors
/// A usage error if both names are the same.
pub(super) fn check_different(a: &EnvironmentName, b: &EnvironmentName) -> Result<()> {
    if a == b {
        let hint = ("name two different ones; ", Remedy::ListEnvironments, " shows them");
        return Err(Error::new(Reason::SamePlace, "both names are the same environment").hint(hint));
    }
    Ok(())
}
