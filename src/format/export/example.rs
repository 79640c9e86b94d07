//! `.env.example`: which names a program needs, without any value.

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

/// A line of a note that cannot end its comment: readers take CR, and node U+2028 and U+2029, for the end of a line.
fn comment(line: &str) -> String {
    let harmless = |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c };
    line.chars().map(harmless).collect::<String>().trim().to_owned()
}
