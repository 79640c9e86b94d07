//! A CSV file with the columns `name` and `value` (RFC 4180, but lines end with LF).
//!
//! Spreadsheets treat values that begin with `=`, `+`, `-` or `@` as formulas. They are written unchanged nevertheless,
//! because a changed value would be worse.

use super::Item;
use super::encoding::{Encoding, NameRule, Refusal, text};
use crate::format::buffer::Buffer;

pub(super) struct Csv;

impl Encoding for Csv {
    fn names(&self) -> NameRule {
        NameRule::Any
    }

    fn begin(&self, out: &mut Buffer) {
        out.push("name,value\n");
    }

    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        out.push(item.name);
        out.push(",\"");
        for (index, part) in text(item)?.split('"').enumerate() {
            out.push(if index > 0 { "\"\"" } else { "" });
            out.push(part);
        }
        out.push("\"\n");
        Ok(())
    }
}
