//! Hints about git, which depend on how it is set up for the vault's file.

use std::path::Path;
use vault::drivers::{Setup, setup_around};

/// Returns the hint that `status` shows about git, if any.
pub fn status_hint(vault: &Path) -> Option<&'static str> {
    match setup_around(vault) {
        Setup::OnlyAttributes => Some("this clone can't merge or show the vault by item yet: vault git setup"),
        Setup::Done | Setup::None => None,
    }
}

/// Returns the hint that `init` shows about git, if any.
pub fn init_hint(vault: &Path) -> Option<&'static str> {
    match setup_around(vault) {
        Setup::Done => None,
        Setup::None | Setup::OnlyAttributes => Some("for merges and git diff by item: vault git setup"),
    }
}
