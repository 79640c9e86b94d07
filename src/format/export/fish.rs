//! `set -gx NAME '...'` for fish, read by `vault export -f fish | source`.

use super::Item;
use super::encoding::{Encoding, HOLDS_NUL, Refusal};
use crate::format::buffer::Buffer;

pub(super) struct Fish;

impl Encoding for Fish {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        if item.value.contains(&0) {
            return Err(HOLDS_NUL);
        }
        if SPECIAL.contains(&item.name) {
            return Err("fish uses that variable itself");
        }
        out.push("set -gx ");
        out.push(item.name);
        out.push(" ");
        quote(item.value, out);
        out.push(";\n");
        Ok(())
    }
}

/// Quotes a value. Between single quotes, fish knows two escapes, `\\` and `\'`. Every byte outside printable ASCII is
/// written outside the quotes, as `\Xhh`: `eval` would turn a newline into a space, and fish reserves some code points.
fn quote(bytes: &[u8], out: &mut Buffer) {
    out.push("'");
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => out.push([b'\\', *byte]),
            b' '..=b'~' => out.push([*byte]),
            _ => out.push(format!("'\\X{byte:02x}'")),
        }
    }
    out.push("'");
}

/// Variables that fish 3.6 won't set to arbitrary text: they are read-only or computed.
const SPECIAL: &[&str] = &[
    "FISH_VERSION",
    "PWD",
    "SHLVL",
    "_",
    "fish_kill_signal",
    "fish_killring",
    "fish_pid",
    "history",
    "hostname",
    "pipestatus",
    "status",
    "status_generation",
    "umask",
    "version",
];
