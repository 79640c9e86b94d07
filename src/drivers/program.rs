//! Finds out which program git will start. It starts `vault` by name; there may be none, or another program with that
//! name.

use crate::settings::programs::started_as;
use std::path::PathBuf;

/// The program that the name `vault` leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is this program.
    Own,
    /// It is another program, at this path.
    Other(PathBuf),
    /// There is none.
    Nothing,
}

/// Looks `vault` up in PATH.
#[must_use]
pub fn found() -> Found {
    let this = std::env::current_exe().and_then(std::fs::canonicalize);
    match started_as("vault").and_then(|path| std::fs::canonicalize(path).ok()) {
        Some(found) if this.as_ref().is_ok_and(|this| *this == found) => Found::Own,
        Some(found) => Found::Other(found),
        None => Found::Nothing,
    }
}
