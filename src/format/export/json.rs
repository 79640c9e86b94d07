//! One JSON object: each name with its value as a string.
//!
//! A value that is not UTF-8 is refused rather than given as base64: a program that reads a plain object of strings has
//! no way to tell the two apart.

use super::Item;
use super::encoding::{Encoding, NameRule, Refusal, unicode};
use crate::format::buffer::Buffer;

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
        string(item.name, out)?;
        out.push(": ");
        string(unicode(item)?, out)
    }

    fn end(&self, empty: bool, out: &mut Buffer) {
        out.push(if empty { "}\n" } else { "\n}\n" });
    }
}

/// A JSON string.
pub(super) fn string(text: &str, out: &mut Buffer) -> Result<(), Refusal> {
    serde_json::to_writer(out, text).map_err(|_| "its value cannot be written")
}
