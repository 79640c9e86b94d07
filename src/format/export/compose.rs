//! The `env_file` of Docker Compose.
//!
//! Compose replaces `$` outside quotes and between double quotes, so values stand between single quotes, where `\'` is
//! the only escape. As for the `dotenv` format, what is written has been read back.

use super::Item;
use super::encoding::{Encoding, Refusal, text};
use super::quoted::inner;
use crate::format::buffer::Buffer;
use adotenv::Dialect;

pub(super) struct Compose;

impl Encoding for Compose {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        let value = text(item)?;
        let line = single(item.name, value)
            .or_else(|| double(item.name, value))
            .ok_or("Compose reads no spelling of its value back")?;
        out.push(line.as_bytes());
        Ok(())
    }
}

fn single(name: &str, value: &str) -> Option<Buffer> {
    let mut body = Buffer::default();
    for (index, part) in value.split('\'').enumerate() {
        body.push(if index > 0 { r"\'" } else { "" });
        body.push(part);
    }
    read_back(name, value, &body, "'")
}

fn double(name: &str, value: &str) -> Option<Buffer> {
    if value.contains('$') {
        return None;
    }
    let mut body = Buffer::default();
    inner(value, &mut body);
    read_back(name, value, &body, "\"")
}

/// The line with this body between these quotes, if Compose takes `value` from it.
fn read_back(name: &str, value: &str, body: &Buffer, quote: &str) -> Option<Buffer> {
    let mut line = Buffer::default();
    for part in [name.as_bytes(), b"=", quote.as_bytes(), body.as_bytes(), quote.as_bytes(), b"\n"] {
        line.push(part);
    }
    let source = std::str::from_utf8(line.as_bytes()).ok()?;
    let (document, diagnostics) = adotenv::parse_with(source, Dialect::COMPOSE);
    let same = diagnostics.is_empty() && document.items().len() == 1 && document.get(name) == Some(value);
    same.then_some(line)
}
