//! `.env` lines for a single reader. They can represent more values than lines for several readers, above all `${...}`.
//!
//! Lines for node and python are parsed again with their grammars. For ruby and Laravel, the rules follow the sources
//! of their readers: dotenv 3 (`parser.rb`, `substitutions/`) and phpdotenv 5 (`Lines.php`, `EntryParser.php`).

use super::Item;
use super::compose::Compose;
use super::dotenv::{CARRIAGE_RETURN, is_plain, line};
use super::encoding::{Encoding, Refusal, text};
use crate::error::Error;
use crate::format::buffer::Buffer;
use crate::format::dotenv::compare::python_interpolates;
use crate::format::dotenv::expand;
use adotenv::Dialect;
use std::fmt;
use std::str::FromStr;

/// The reader that a `.env` file is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The npm package `dotenv` without an expander, and node itself.
    Node,
    /// The Python package `python-dotenv` with its default of expanding `${...}`.
    Python,
    /// Docker Compose's `env_file`.
    Compose,
    /// The Ruby gem `dotenv`.
    Ruby,
    /// Laravel, which uses the PHP package `vlucas/phpdotenv`.
    Laravel,
}

impl Reader {
    /// Every reader.
    pub const ALL: [Self; 5] = [Self::Node, Self::Python, Self::Compose, Self::Ruby, Self::Laravel];

    /// Returns the reader's name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::Compose => "compose",
            Self::Ruby => "ruby",
            Self::Laravel => "laravel",
        }
    }
}

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Reader {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        crate::name::one_of(text, "reader of .env files", &Self::ALL, Self::name)
    }
}

impl Encoding for Reader {
    fn item(&self, item: &Item<'_>, first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        let value = text(item)?;
        let line = match self {
            Self::Compose => return Compose.item(item, first, out),
            Self::Node => node(item.name, value)?,
            Self::Python => python(item.name, value)?,
            Self::Ruby => ruby(item.name, value)?,
            Self::Laravel => laravel(item.name, value),
        };
        out.push(line.as_bytes());
        Ok(())
    }
}

fn node(name: &str, value: &str) -> Result<Buffer, Refusal> {
    if value.contains('\r') {
        return Err(CARRIAGE_RETURN);
    }
    let escaped = escape(value, |c| if c == '\n' { Some("\\n") } else { None });
    let single = (line(name, value, "'"), "'");
    let double = (line(name, text_of(&escaped), "\""), "\"");
    let backtick = (line(name, value, "`"), "`");
    let spellings = match (is_plain(value), value.contains('\n')) {
        (true, _) => [(line(name, value, ""), ""), single, double],
        (false, true) if !value.contains('$') => [double, single, backtick],
        (false, _) => [single, double, backtick],
    };
    let is_read_back = |(spelling, quote): &(Buffer, &str)| {
        // Node's own reader ends a value at the next quote of the same kind. The package may not.
        let is_closed = quote.is_empty() || !value.contains(*quote);
        is_closed && read_back(name, spelling, Dialect::NODE_DOTENV).is_some_and(|read| *read == *value)
    };
    let found = spellings.into_iter().find(is_read_back);
    found.map(|(spelling, _)| spelling).ok_or("node can't read its value back, however it is quoted")
}

/// Writes a line for python-dotenv. It has no escape for `${`, but it expands `${:-$}` to a dollar sign: the default of
/// an empty name, which nobody sets.
fn python(name: &str, value: &str) -> Result<Buffer, Refusal> {
    let dollars = match python_interpolates(value) {
        true => zeroize::Zeroizing::new(value.replace("${", "${:-$}{")),
        false => zeroize::Zeroizing::new(value.to_owned()),
    };
    let spelling = match (is_plain(value), value.contains('\r')) {
        (true, _) => line(name, value, ""),
        (false, false) => {
            let escaped = escape(&dollars, |c| match c {
                '\\' => Some("\\\\"),
                '\'' => Some("\\'"),
                _ => None,
            });
            line(name, text_of(&escaped), "'")
        }
        (false, true) => {
            let escaped = escape(&dollars, |c| match c {
                '\\' => Some("\\\\"),
                '"' => Some("\\\""),
                '\r' => Some("\\r"),
                '\n' => Some("\\n"),
                _ => None,
            });
            line(name, text_of(&escaped), "\"")
        }
    };
    let read = read_back(name, &spelling, Dialect::PYTHON_DOTENV);
    let is_alike = read.and_then(|read| expand::python_alone(&read)).is_some_and(|read| *read == *value);
    if is_alike { Ok(spelling) } else { Err("python can't read its value back, however it is quoted") }
}

/// Writes a line for ruby's dotenv. Between single quotes everything is literal, but a final backslash would escape the
/// closing quote. Between double quotes, some versions turn `\n` and `\r` into line ends, and a `$(` that is not closed
/// keeps the backslash before it.
fn ruby(name: &str, value: &str) -> Result<Buffer, Refusal> {
    if value.contains('\r') {
        return Err("its value contains a carriage return, which ruby's dotenv turns into a newline");
    }
    if value.ends_with('\\') && !is_plain(value) {
        return Err("its value ends in a backslash, which would escape the quote after it");
    }
    if is_plain(value) && !value.is_empty() {
        return Ok(line(name, value, ""));
    }
    if !value.contains('\'') {
        return Ok(line(name, value, "'"));
    }
    if ["\\n", "\\r", "$("].iter().any(|text| value.contains(text)) {
        return Err(
            "its value contains a single quote beside \\n, \\r or $(, which versions of ruby's dotenv read differently",
        );
    }
    let escaped = escape(value, |c| match c {
        '\\' => Some("\\\\"),
        '"' => Some("\\\""),
        '$' => Some("\\$"),
        _ => None,
    });
    Ok(line(name, text_of(&escaped), "\""))
}

/// Writes a line for Laravel. Every value that isn't plain goes between double quotes on one line: line ends and quotes
/// can't be written any other way.
fn laravel(name: &str, value: &str) -> Buffer {
    if is_plain(value) && !value.is_empty() {
        return line(name, value, "");
    }
    let escaped = escape(value, |c| match c {
        '\\' => Some("\\\\"),
        '"' => Some("\\\""),
        '$' => Some("\\$"),
        '\n' => Some("\\n"),
        '\r' => Some("\\r"),
        _ => None,
    });
    line(name, text_of(&escaped), "\"")
}

fn escape(value: &str, spelled: impl Fn(char) -> Option<&'static str>) -> Buffer {
    let mut out = Buffer::default();
    for c in value.chars() {
        match spelled(c) {
            Some(text) => out.push(text),
            None => out.push(c.encode_utf8(&mut [0; 4])),
        }
    }
    out
}

/// Returns the text of a buffer that got only text.
fn text_of(buffer: &Buffer) -> &str {
    std::str::from_utf8(buffer.as_bytes()).unwrap_or_default()
}

/// Returns the value that a reader's grammar takes from a line, if the line sets nothing else.
fn read_back(name: &str, line: &Buffer, dialect: Dialect) -> Option<zeroize::Zeroizing<String>> {
    let (document, diagnostics) = adotenv::parse_with(text_of(line), dialect);
    let is_whole = diagnostics.is_empty() && document.items().len() == 1;
    document.get(name).filter(|_| is_whole).map(|value| zeroize::Zeroizing::new(value.to_owned()))
}
