//! Remembers which vaults of other users in the same repository a scan leaves out, so that it says so at the first
//! commit only.

use crate::fs;
use crate::signature::Hash;
use crate::vault::Settings;

/// Returns whether the vault with this id is left out for the first time on this device. If that can't be recorded, it is
/// the first time again.
#[must_use]
pub(super) fn is_left_out_anew(settings: &Settings, id: &Hash) -> bool {
    let note = settings.state.join("left-out").join(id.to_string());
    if note.exists() {
        return false;
    }
    let _ = fs::create_state_directory(fs::parent(&note)).and_then(|()| fs::write_private(&note, b""));
    true
}
