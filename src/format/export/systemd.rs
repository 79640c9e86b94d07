//! systemd's `EnvironmentFile=`.

use super::Item;
use super::encoding::{Encoding, Refusal, text};
use crate::format::buffer::Buffer;

pub(super) struct Systemd;

impl Encoding for Systemd {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        let value = text(item)?;
        // Older versions drop an assignment with any other control character, and only log it to the journal.
        if value.chars().any(|c| c.is_ascii_control() && !matches!(c, '\t' | '\n')) {
            return Err("its value contains a control character, which systemd may drop");
        }
        out.push(item.name);
        out.push("=\"");
        for byte in value.bytes() {
            // Between double quotes, a backslash escapes these characters. Before any other character it stays
            // (systemd.exec(5)).
            if matches!(byte, b'"' | b'\\' | b'`' | b'$') {
                out.push("\\");
            }
            out.push([byte]);
        }
        out.push("\"\n");
        Ok(())
    }
}
