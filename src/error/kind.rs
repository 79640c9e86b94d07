//! The kinds of errors.

/// The kind of an error. The command line has an exit code for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The operation failed, or a check found something.
    Failed,
    /// The command was used wrongly, or the input breaks a rule.
    Usage,
    /// There is no such vault, environment, item or user.
    NotFound,
    /// The vault could not be unlocked.
    Unlock,
    /// The user lacks the right.
    Denied,
    /// The vault was tampered with or rolled back, or its log is broken.
    Integrity,
    /// A lock could not be acquired in time, or the vault was changed in the meantime: the same can be tried again.
    Busy,
}

impl Kind {
    /// Returns the `code` of an error in JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotFound => "not-found",
            Self::Unlock => "unlock",
            Self::Denied => "denied",
            Self::Integrity => "integrity",
            Self::Busy => "busy",
        }
    }
}
