//! Reports edited texts that were never saved.

use super::Finding;
use crate::error::Remedy;
use crate::vault::Vault;
use crate::words::plural;

/// Reports how many drafts there are, if any.
#[must_use]
pub fn drafts(vault: &Vault) -> Option<Finding> {
    let files = vault.draft_files();
    let what = match files.len() {
        0 => return None,
        1 => "an edited text was not saved; its draft is kept for a week".to_owned(),
        several => format!("{} of edited texts are kept, each for a week", plural(several, "draft")),
    };
    Some(Finding::note("draft", "edit", what).command(Remedy::ResumeEdit))
}
