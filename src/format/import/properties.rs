//! Java's `.properties`: `name=value`, `name: value` or `name value`, as `java.util.Properties.load` reads it, but in
//! UTF-8.

use crate::error::{Error, Result};
use crate::format::buffer::Buffer;
use crate::format::{Entry, Imported};
use zeroize::Zeroizing;

/// Reads the entries of a file.
pub(super) fn read(source: &str) -> Result<Imported> {
    let mut imported = Imported::default();
    // A CR alone ends a line as well.
    let ends = Zeroizing::new(source.replace("\r\n", "\n"));
    let mut lines = ends.split(['\n', '\r']).enumerate();
    while let Some((index, first)) = lines.next() {
        let first = first.trim_start_matches(SPACES);
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = Buffer::default();
        let mut line = first;
        while let Some(begun) = without_continuation(line) {
            logical.push(begun);
            line = lines.next().map_or("", |(_, next)| next.trim_start_matches(SPACES));
        }
        logical.push(line);
        let text = std::str::from_utf8(logical.as_bytes()).unwrap_or_default();
        imported.entries.push(entry(text, index + 1)?);
    }
    Ok(imported)
}

const SPACES: [char; 3] = [' ', '\t', '\u{c}'];

/// Returns the line without the backslash that joins the next line to it, if it ends with an odd number of backslashes.
fn without_continuation(line: &str) -> Option<&str> {
    let backslashes = line.len() - line.trim_end_matches('\\').len();
    line.strip_suffix('\\').filter(|_| backslashes % 2 == 1)
}

fn entry(text: &str, line: usize) -> Result<Entry> {
    let end = name_end(text);
    let behind = text[end..].trim_start_matches(SPACES);
    let value = behind.strip_prefix(['=', ':']).unwrap_or(behind).trim_start_matches(SPACES);
    let name = unescape(&text[..end], line)?;
    let name = std::str::from_utf8(name.as_bytes()).unwrap_or_default().to_owned();
    Ok(Entry::new(name, unescape(value, line)?.into_secret(), line))
}

/// Returns the end of the name: the first space, `=` or `:` without a backslash before it.
fn name_end(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '=' | ':' | ' ' | '\t' | '\u{c}' => return at,
            _ => {}
        }
    }
    text.len()
}

/// Decodes `\t`, `\n`, `\r`, `\f` and `\uXXXX`. Any other backslash is dropped.
fn unescape(text: &str, line: usize) -> Result<Buffer> {
    let mut out = Buffer::default();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else { break };
        let meant = match c {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'u' => {
                let (c, behind) = unicode(rest).ok_or_else(|| {
                    Error::usage(format!(
                        "line {line} has a \\u that is not followed by the four digits of a character"
                    ))
                })?;
                out.push(c.encode_utf8(&mut [0; 4]));
                rest = behind;
                continue;
            }
            c => c,
        };
        out.push(meant.encode_utf8(&mut [0; 4]));
        rest = &rest[c.len_utf8()..];
    }
    out.push(rest);
    Ok(out)
}

/// Returns the character of `uXXXX`, or of two such units that are a surrogate pair, and the rest of the text.
fn unicode(text: &str) -> Option<(char, &str)> {
    let (first, rest) = unit(text)?;
    if let Some(c) = char::from_u32(u32::from(first)) {
        return Some((c, rest));
    }
    let (second, rest) = unit(rest.strip_prefix('\\')?)?;
    let c = char::decode_utf16([first, second]).next()?.ok()?;
    Some((c, rest))
}

fn unit(text: &str) -> Option<(u16, &str)> {
    let digits = text.get(1..5).filter(|_| text.starts_with('u'))?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u16::from_str_radix(digits, 16).ok())?.map(|unit| (unit, &text[5..]))
}
