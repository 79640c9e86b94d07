//! `.env` lines that node's `dotenv`, `python-dotenv` and node itself (`--env-file`) read alike.
//!
//! They agree on little. Between double quotes, the npm package decodes `\n` and `\r`, node itself only `\n`, and
//! Python also `\\`, `\"` and more. Only Python has escapes between single quotes, and only Python expands `${NAME}`,
//! in any quotes. So each spelling is parsed again in the dialects of both packages before it is written, and a value
//! that no spelling can represent is refused.

use super::Item;
use super::encoding::{Encoding, Refusal, text};
use crate::format::buffer::Buffer;
use crate::format::dotenv::compare::python_interpolates;
use adotenv::Dialect;

pub(super) struct Dotenv;

impl Encoding for Dotenv {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        let value = text(item)?;
        if value.contains('\r') {
            return Err(CARRIAGE_RETURN);
        }
        if python_interpolates(value) {
            return Err("its value contains a ${...} that python-dotenv would replace in any quotes");
        }
        let line = spellings(value).into_iter().find_map(|spelling| spelling(item.name, value));
        out.push(line.ok_or("node and python read its value differently, however it is quoted")?.as_bytes());
        Ok(())
    }
}

/// The refusal for values that node itself, `node --env-file`, can't read.
pub(super) const CARRIAGE_RETURN: Refusal = "its value contains a carriage return, which node's own reader can't read";

type Spelling = fn(&str, &str) -> Option<Buffer>;

/// Returns the spellings to try, in order. Values of several lines go between double quotes with `\n`, which older
/// readers know as well, unless Compose would expand a `$` there.
fn spellings(value: &str) -> [Spelling; 3] {
    if is_plain(value) {
        [bare, single, double]
    } else if value.contains('\n') && !value.contains('$') {
        [double, single, bare]
    } else {
        [single, double, bare]
    }
}

/// Returns whether every reader takes the value literally without quotes.
pub(super) fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./:@%+,-=".contains(&byte))
}

/// Writes the value without quotes, unless it begins with one: node's own reader would end the value at the next quote.
fn bare(name: &str, value: &str) -> Option<Buffer> {
    if value.starts_with(['"', '\'', '`']) { None } else { read_alike(name, value, value, "") }
}

fn single(name: &str, value: &str) -> Option<Buffer> {
    read_alike(name, value, value, "'")
}

fn double(name: &str, value: &str) -> Option<Buffer> {
    let mut escaped = Buffer::default();
    for byte in value.bytes() {
        if byte == b'\n' { escaped.push(b"\\n") } else { escaped.push([byte]) }
    }
    read_alike(name, value, std::str::from_utf8(escaped.as_bytes()).ok()?, "\"")
}

/// Returns the line with this body between these quotes, if both readers read `value` back from it.
fn read_alike(name: &str, value: &str, body: &str, quote: &str) -> Option<Buffer> {
    let line = line(name, body, quote);
    let source = std::str::from_utf8(line.as_bytes()).ok()?;
    let alike = [Dialect::NODE_DOTENV, Dialect::PYTHON_DOTENV].into_iter().all(|dialect| {
        let (document, diagnostics) = adotenv::parse_with(source, dialect);
        diagnostics.is_empty() && document.items().len() == 1 && document.get(name) == Some(value)
    });
    alike.then_some(line)
}

/// Returns the line with this body between these quotes.
pub(super) fn line(name: &str, body: &str, quote: &str) -> Buffer {
    let mut line = Buffer::default();
    for part in [name, "=", quote, body, quote, "\n"] {
        line.push(part);
    }
    line
}
