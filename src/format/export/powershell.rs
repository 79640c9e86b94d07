//! `$env:NAME = '...'` for PowerShell, read by `vault export -f powershell | Invoke-Expression`.

use super::Item;
use super::encoding::{Encoding, Refusal, text};
use crate::format::buffer::Buffer;

pub(super) struct Powershell;

impl Encoding for Powershell {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        let value = text(item)?;
        if value.is_empty() {
            return Err("PowerShell removes a variable whose value is empty");
        }
        out.push("$env:");
        out.push(item.name);
        out.push(" = ");
        quote(value, out);
        out.push("\n");
        Ok(())
    }
}

/// Quotes a value. Between single quotes, PowerShell takes everything literally except quotes, which are doubled.
/// Characters outside printable ASCII are added as `[char]` in UTF-16: `Invoke-Expression` gets one line at a time,
/// Windows re-encodes piped text, and typographic quotes count as quotes, too.
fn quote(value: &str, out: &mut Buffer) {
    out.push("'");
    for c in value.chars() {
        match c {
            '\'' => out.push("''"),
            ' '..='~' => out.push(c.encode_utf8(&mut [0; 4])),
            _ => {
                out.push("'");
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push(format!(" + [char]{unit}"));
                }
                out.push(" + '");
            }
        }
    }
    out.push("'");
}
