//! Remembers the warnings of this run, so that an error doesn't repeat them.

use std::sync::Mutex;

static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Remembers a warning, or its hint.
pub(super) fn note(text: &str) {
    if let Ok(mut told) = TOLD.lock()
        && !has_in(&told, text)
    {
        told.push(text.to_owned());
    }
}

/// Returns whether exactly this text was shown as a warning or hint.
pub(super) fn has(text: &str) -> bool {
    TOLD.lock().is_ok_and(|told| has_in(&told, text))
}

fn has_in(told: &[String], text: &str) -> bool {
    told.iter().any(|known| known == text)
}
