//! The exit codes 1 to 7, one for each kind of error.

use crate::error::Kind;

/// Returns the exit code for a kind of error. The command line and the server both exit with it.
#[must_use]
pub fn exit_code(kind: Kind) -> u8 {
    match kind {
        Kind::Failed => 1,
        Kind::Usage => 2,
        Kind::NotFound => 3,
        Kind::Unlock => 4,
        Kind::Denied => 5,
        Kind::Integrity => 6,
        Kind::Busy => 7,
    }
}
