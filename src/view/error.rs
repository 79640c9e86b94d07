//! Errors.

use super::accept::Accept;
use super::exit_code::exit_code;
use crate::error::Error;
use serde::Serialize;

/// An error, as printed on standard error.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorObject {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// The details of an error.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorDetail {
    /// `failed`, `usage`, `not-found`, `unlock`, `denied`, `integrity` or `busy`.
    pub code: &'static str,
    /// The reason, as a word that programs can match: `no-item`, `wrong-passphrase`. It equals `code` if there is no
    /// finer one.
    pub reason: &'static str,
    /// The exit code.
    pub exit: u8,
    /// The message, on one line.
    pub message: String,
    /// What the user can do.
    pub hint: String,
    /// What the user can accept, so that the change is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept: Option<Accept>,
}

impl ErrorDetail {
    /// Returns the object for an error. `hint` is the error's [advice](Error::advice) in the words of the front end, or what
    /// it suggests without one. The exit code is that of the error's kind.
    #[must_use]
    pub fn new(error: &Error, hint: String) -> Self {
        Self {
            code: error.kind().code(),
            reason: error.reason().word(),
            exit: exit_code(error.kind()),
            message: error.to_string(),
            hint,
            accept: Accept::of(error),
        }
    }
}
