//! The purpose for which a file is opened. It decides whether the file may be older than another branch.

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}
