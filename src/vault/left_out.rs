//! Vaults of others that lie in the same repository: that a scan leaves one out is said at the first commit, and not at each.

use super::Vault;
use crate::fs;

impl Vault {
    /// Whether this is the first time on this device that the vault is left out. Where that can't be written, it is so
    /// again.
    #[must_use]
    pub fn is_left_out_anew(&self) -> bool {
        let note = self.settings.state.join("left-out").join(self.id().to_string());
        if note.exists() {
            return false;
        }
        let _ = fs::create_state_directory(fs::parent(&note)).and_then(|()| fs::write_private(&note, b""));
        true
    }
}
