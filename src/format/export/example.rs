//! `.env.example`: the names that a program needs, without values.

use super::Item;
use super::encoding::{Encoding, Refusal};
use crate::format::buffer::Buffer;

pub(super) struct Example;

impl Encoding for Example {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        for line in item.note.unwrap_or_default().lines().map(comment) {
            out.push(if line.is_empty() { "#" } else { "# " });
            out.push(line);
            out.push("\n");
        }
        out.push(item.name);
        out.push("=\n");
        Ok(())
    }
}

/// Returns a line of a note that can't end its comment. Readers treat CR as the end of a line, and node also U+2028 and
/// U+2029.
fn comment(line: &str) -> String {
    let harmless = |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c };
    line.chars().map(harmless).collect::<String>().trim().to_owned()
}
