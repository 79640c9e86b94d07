//! A file for `docker run --env-file`: lines of `NAME=value`, which docker takes literally, without quotes or escapes.

use super::Item;
use super::encoding::{Encoding, Refusal, text};
use crate::format::buffer::Buffer;

pub(super) struct Docker;

/// The longest line that docker reads, in bytes.
const MAX_LINE: usize = 65_535;

impl Encoding for Docker {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        let value = text(item)?;
        if value.contains(['\n', '\r']) {
            return Err("its value has several lines, and the file allows only one");
        }
        if item.name.len() + 1 + value.len() > MAX_LINE {
            return Err("its line would be longer than docker can read");
        }
        for part in [item.name, "=", value, "\n"] {
            out.push(part);
        }
        Ok(())
    }
}
