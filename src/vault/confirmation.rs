//! How a person is asked about a protected environment.

use crate::error::Result;
use crate::name::EnvironmentName;
use std::sync::Arc;

/// What a person is asked about a protected environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Whether to use its values.
    Use,
    /// Whether to remove its protection.
    Unprotect,
}

/// Asks a person; returns `None` if nobody can answer.
pub type Ask = Arc<dyn Fn(&EnvironmentName, Question) -> Result<Option<bool>> + Send + Sync>;
