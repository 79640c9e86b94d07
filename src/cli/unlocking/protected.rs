//! The prompt before a protected environment is used or unprotected.

use crate::cli::asking::terminal;
use std::sync::Arc;
use vault::Result;
use vault::vault::{Ask, CONFIRMATION_HOLDS, Confirmation, Question};
use vault::words::exactly;

/// Returns how to ask the user. Nobody is asked if `is_asked` is false or there is no terminal. `purpose` says what the
/// run is for.
pub fn ask(is_asked: bool, in_color: bool, purpose: fn() -> String) -> Ask {
    Arc::new(move |confirmation| {
        if !is_asked || !terminal::is_available() {
            return Ok(None);
        }
        put(confirmation, in_color, purpose).map(Some)
    })
}

fn put(
    Confirmation { environment, question, .. }: &Confirmation,
    in_color: bool,
    purpose: fn() -> String,
) -> Result<bool> {
    let shown = if in_color { format!("\x1b[1;31m{environment}\x1b[0m") } else { environment.to_string() };
    let what = match question {
        Question::Use => {
            let holds = exactly(CONFIRMATION_HOLDS);
            format!("Use it {}, and don't ask again for {holds}?", purpose())
        }
        Question::Unprotect => "Unprotect it for everybody?".to_owned(),
    };
    terminal::confirm(&format!("{shown} is protected against use by mistake. {what}"))
}
