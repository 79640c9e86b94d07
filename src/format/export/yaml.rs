//! A YAML mapping of strings, for readers of YAML 1.1 and 1.2.

use super::Item;
use super::encoding::{Encoding, NameRule, Refusal, unicode};
use super::quoted::quoted;
use crate::format::buffer::Buffer;
use crate::name::is_variable_name;

pub(super) struct Yaml;

impl Encoding for Yaml {
    fn names(&self) -> NameRule {
        NameRule::Any
    }

    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        key(item.name, out);
        out.push(": ");
        quoted(unicode(item)?, out);
        out.push("\n");
        Ok(())
    }

    fn end(&self, empty: bool, out: &mut Buffer) {
        out.push(if empty { "{}\n" } else { "" });
    }
}

/// Writes a key, between quotes if YAML could read it as something other than text: `NO`, `null`, `1_000`, `1.5`.
pub(super) fn key(name: &str, out: &mut Buffer) {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let plain =
        is_variable_name(name) && !WORDS.contains(&name.to_ascii_lowercase().as_str()) && !name.starts_with('_');
    if plain {
        out.push(name);
    } else {
        quoted(name, out);
    }
}
