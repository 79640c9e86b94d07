//! A string between double quotes that JSON's relatives (YAML, TOML, HCL) read alike.

use crate::format::buffer::Buffer;

/// `text` between double quotes, with only the escapes `\\`, `\"`, `\n`, `\r`, `\t`, `\uXXXX` and `\UXXXXXXXX`. Letters
/// and digits of any script stay; everything else beyond ASCII is escaped, as YAML folds some of it and forbids other.
pub(super) fn quoted(text: &str, out: &mut Buffer) {
    out.push("\"");
    inner(text, out);
    out.push("\"");
}

/// The same without the quotes.
pub(super) fn inner(text: &str, out: &mut Buffer) {
    for c in text.chars() {
        match c {
            '"' => out.push(r#"\""#),
            '\\' => out.push(r"\\"),
            '\n' => out.push(r"\n"),
            '\r' => out.push(r"\r"),
            '\t' => out.push(r"\t"),
            ' '..='~' => out.push(c.encode_utf8(&mut [0; 4])),
            _ if c.is_alphanumeric() => out.push(c.encode_utf8(&mut [0; 4])),
            _ if u32::from(c) <= 0xffff => out.push(format!("\\u{:04x}", u32::from(c))),
            _ => out.push(format!("\\U{:08x}", u32::from(c))),
        }
    }
}
