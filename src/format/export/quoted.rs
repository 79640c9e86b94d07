//! Double-quoted strings: one that YAML, TOML and HCL read alike, and what it has in common with JSON's.

use crate::format::buffer::Buffer;

/// Writes `text` between double quotes, with only the escapes `\\`, `\"`, `\n`, `\r`, `\t`, `\uXXXX` and `\UXXXXXXXX`.
/// Letters and digits of any script stay. Everything else outside ASCII is escaped, because YAML folds some characters
/// and forbids others.
pub(super) fn quoted(text: &str, out: &mut Buffer) {
    out.push("\"");
    inner(text, out);
    out.push("\"");
}

/// Writes the escaped text without the quotes.
pub(super) fn inner(text: &str, out: &mut Buffer) {
    escaped(text, |c| matches!(c, ' '..='~') || c.is_alphanumeric(), out);
}

/// Writes the text with the characters escaped that end a string or a line, and those that don't stay.
pub(super) fn escaped(text: &str, stays: impl Fn(char) -> bool, out: &mut Buffer) {
    for c in text.chars() {
        match c {
            '"' => out.push(r#"\""#),
            '\\' => out.push(r"\\"),
            '\n' => out.push(r"\n"),
            '\r' => out.push(r"\r"),
            '\t' => out.push(r"\t"),
            _ if stays(c) => out.push(c.encode_utf8(&mut [0; 4])),
            _ if u32::from(c) <= 0xffff => out.push(format!("\\u{:04x}", u32::from(c))),
            _ => out.push(format!("\\U{:08x}", u32::from(c))),
        }
    }
}
