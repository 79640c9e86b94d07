//! GitLab's `artifacts:reports:dotenv`: `NAME=value` lines without quotes, comments or escapes.
//!
//! GitLab sets the values as variables that may refer to others, so a `$` is refused. Whitespace and quotes are refused
//! because its documentation excludes them. The instance limits the size of the whole file, to 5 KiB by default.

use super::Item;
use super::encoding::{Encoding, Refusal, text};
use crate::format::buffer::Buffer;

pub(super) struct Gitlab;

impl Encoding for Gitlab {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        let value = text(item)?;
        if value.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("its value contains spaces or several lines, which GitLab's dotenv reports don't allow");
        }
        if value.contains(['$', '"', '\'']) {
            return Err("its value contains a $ or a quote, which GitLab may change");
        }
        for part in [item.name, "=", value, "\n"] {
            out.push(part);
        }
        Ok(())
    }
}
