//! A JSON object with each name and its value as a string.
//!
//! A value that is not UTF-8 is refused and not written as base64: a program that reads an object of strings couldn't
//! tell the two apart.

use super::Item;
use super::encoding::{Encoding, NameRule, Refusal, unicode};
use super::quoted::escaped;
use crate::format::buffer::Buffer;
use crate::redact::steers;

pub(super) struct Json;

impl Encoding for Json {
    fn names(&self) -> NameRule {
        NameRule::Any
    }

    fn begin(&self, out: &mut Buffer) {
        out.push("{");
    }

    fn item(&self, item: &Item<'_>, first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        out.push(if first { "\n  " } else { ",\n  " });
        string(item.name, out);
        out.push(": ");
        string(unicode(item)?, out);
        Ok(())
    }

    fn end(&self, empty: bool, out: &mut Buffer) {
        out.push(if empty { "}\n" } else { "\n}\n" });
    }
}

/// Writes a JSON string. Characters that affect a terminal are escaped.
fn string(text: &str, out: &mut Buffer) {
    out.push("\"");
    // All characters that affect a terminal have at most four hexadecimal digits, so they are escaped as JSON expects.
    escaped(text, |c| !steers(c), out);
    out.push("\"");
}
