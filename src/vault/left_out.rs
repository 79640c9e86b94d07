//! Remembers which vaults of other users in the same repository a scan leaves out, so that it says so at the first
//! commit only.

use super::Vault;
use crate::fs;

impl Vault {
    /// Returns whether this vault is left out for the first time on this device. If that can't be recorded, it is the
    /// first time again.
    #[must_use]
    pub(crate) fn is_left_out_anew(&self) -> bool {
        let note = self.settings.state.join("left-out").join(self.id().to_string());
        if note.exists() {
            return false;
        }
        let _ = fs::create_state_directory(fs::parent(&note)).and_then(|()| fs::write_private(&note, b""));
        true
    }
}
