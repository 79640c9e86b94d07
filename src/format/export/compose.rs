//! An `env_file` for Docker Compose, or, with the name of a service, a compose file with its values.
//!
//! Compose expands `$` in plain and double-quoted values, so values are put between single quotes, in which `\'` is the
//! only escape. As for the `dotenv` format, each line is parsed again before it is written.

use super::Item;
use super::encoding::{Encoding, Refusal, text};
use super::quoted::{inner, quoted};
use super::yaml::key;
use crate::error::Error;
use crate::format::buffer::Buffer;
use adotenv::Dialect;
use std::str::FromStr;
use zeroize::Zeroizing;

pub(super) struct Compose;

impl Encoding for Compose {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        let value = text(item)?;
        let line = single(item.name, value)
            .or_else(|| double(item.name, value))
            .ok_or("Compose can't read its value back, however it is quoted")?;
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

/// Returns the line with this body between these quotes, if Compose reads `value` back from it.
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

/// The name of a service in a compose file: `[a-zA-Z0-9._-]+`.
#[derive(Debug, Clone)]
pub struct ServiceName(String);

impl FromStr for ServiceName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        const LONGEST: usize = 255;
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_sign) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::usage(format!("{} is not a valid Compose service name", crate::name::quoted(text)))
            .hint("use letters, digits, . _ and -, for example web"))
    }
}

/// A compose file for one service, to be merged with the project's compose file.
pub(super) struct Service<'a> {
    pub(super) name: &'a ServiceName,
}

impl Encoding for Service<'_> {
    fn begin(&self, out: &mut Buffer) {
        out.push("services:\n  ");
        // Without quotes, a name of digits alone would be a number.
        quoted(&self.name.0, out);
        out.push(":\n    environment:");
    }

    fn item(&self, item: &Item<'_>, first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        out.push(if first { "\n      " } else { "      " });
        key(item.name, out);
        out.push(": ");
        // Compose expands the dollar signs in every string.
        quoted(&Zeroizing::new(text(item)?.replace('$', "$$")), out);
        out.push("\n");
        Ok(())
    }

    fn end(&self, empty: bool, out: &mut Buffer) {
        out.push(if empty { " {}\n" } else { "" });
    }
}
