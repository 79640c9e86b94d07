//! Finds out which program git will start. It starts `vault` by name; there may be none, or another program with that
//! name.

use crate::settings::Variable;
use std::path::{Path, PathBuf};

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
    let directories = Variable::Path.value().unwrap_or_default();
    let found = std::env::split_paths(&directories).map(|directory| directory.join("vault"));
    match found.filter_map(|path| std::fs::canonicalize(path).ok()).find(|path| is_program(path)) {
        Some(found) if this.as_ref().is_ok_and(|this| *this == found) => Found::Own,
        Some(found) => Found::Other(found),
        None => Found::Nothing,
    }
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
