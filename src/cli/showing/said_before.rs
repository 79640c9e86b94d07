//! Remembers the warnings of this run, so that an error doesn't repeat them.

use std::sync::Mutex;

static SHOWN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Remembers a warning, or its hint.
pub(super) fn note(text: &str) {
    if let Ok(mut shown) = SHOWN.lock()
        && !has_in(&shown, text)
    {
        shown.push(text.to_owned());
    }
}

/// Returns whether exactly this text was shown as a warning or hint.
pub(super) fn has(text: &str) -> bool {
    SHOWN.lock().is_ok_and(|shown| has_in(&shown, text))
}

fn has_in(shown: &[String], text: &str) -> bool {
    shown.iter().any(|known| known == text)
}
