//! The question about a protected environment.

use crate::cli::asking::terminal;
use vault::Result;
use vault::vault::Ask;

/// How a person is asked: with colour or without, or not at all.
pub fn ask(is_asked: bool, in_colour: bool) -> Ask {
    match (is_asked, in_colour) {
        (false, _) => |_| Ok(None),
        (true, true) => |name| question(&format!("\x1b[1;31m{name}\x1b[0m")),
        (true, false) => |name| question(name.as_str()),
    }
}

fn question(shown: &str) -> Result<Option<bool>> {
    if !terminal::is_available() {
        return Ok(None);
    }
    terminal::confirm(&format!("{shown} is protected. Use it for 15 minutes?")).map(Some)
}
