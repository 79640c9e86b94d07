//! Shows what an import noticed about a file.

use super::remedies::worded;
use super::ui::Ui;
use vault::actions::import::{Changes, Chosen, Remark};

/// Shows what was noticed, one line each, and which of the new items were recognized as variables.
pub fn show_notes(changes: &Changes, chosen: &Chosen, ui: Ui) {
    for Remark { text, is_left_out } in changes.notes(chosen) {
        let text = worded(&text);
        if is_left_out { ui.not_done(&text) } else { ui.done(&format!("  {text}")) }
    }
}
