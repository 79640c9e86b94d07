//! Reads a file as this program writes it, line by line. With a long roster, a TOML parser would take most of the time of
//! opening a vault.
//!
//! This is not a TOML parser. It knows the lines of `write.rs`, which mean the same in TOML. A file that differs from
//! them in any way, or is wrong, is left to a TOML parser.

use super::fields::Bounded;
use super::raw::Outline;
use super::write::HEADING;
use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, Error, MapAccessDeserializer, SeqDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

/// Reads the outline of the file; `None` if anything is not as this program writes it.
pub(super) fn read(text: &str) -> Option<Outline<'_>> {
    let mut lines = Lines(text);
    if lines.peek() == HEADING {
        lines.next()?;
    }
    let format = number(lines.next()?.strip_prefix("format = ")?)?;
    let roster = Bounded::with_capacity(count_changes(text));
    let mut outline = Outline { format, roster, slot: Bounded::default(), environment: Bounded::default() };
    while let Some(line) = lines.next() {
        match line {
            "" => {}
            "[[roster]]" => outline.roster.push(lines.table()?)?,
            "[[slot]]" => outline.slot.push(lines.table()?)?,
            "[[environment]]" => outline.environment.push(lines.table()?)?,
            _ => return None,
        }
    }
    lines.0.is_empty().then_some(outline)
}

/// Counts the changes, so that their list is allocated once. A growing list would touch twice the memory.
fn count_changes(text: &str) -> usize {
    text.lines().take_while(|line| *line != "[[slot]]").filter(|line| *line == "[[roster]]").count()
}

/// The rest of the text: always whole lines.
struct Lines<'a>(&'a str);

impl<'a> Lines<'a> {
    /// Returns the next line without consuming it; empty at the end.
    fn peek(&self) -> &'a str {
        &self.0[..end_of_line(self.0).unwrap_or(0)]
    }

    fn next(&mut self) -> Option<&'a str> {
        let (line, rest) = self.0.split_at(end_of_line(self.0)?);
        self.0 = &rest[1..];
        Some(line)
    }

    /// Reads a multi-line literal up to its closing line of three quotes. The line before opened it; TOML drops the line
    /// break there.
    fn literal(&mut self) -> Option<&'a str> {
        // Armor has no quotes, so search for one quote, which is faster than for three.
        let (text, rest) = self.0.split_at(memchr::memchr(b'\'', self.0.as_bytes())?);
        self.0 = rest.strip_prefix("'''\n")?;
        text.ends_with('\n').then_some(text)
    }

    /// Reads the lines up to an empty one as a table.
    fn table<T: Deserialize<'a>>(&mut self) -> Option<T> {
        T::deserialize(MapAccessDeserializer::new(Fields { lines: self, value: "" })).ok()
    }
}

/// Returns the end of the first line.
fn end_of_line(text: &str) -> Option<usize> {
    memchr::memchr(b'\n', text.as_bytes())
}

/// Lines of `key = value`.
struct Fields<'a, 'l> {
    lines: &'l mut Lines<'a>,
    value: &'a str,
}

impl<'a> MapAccess<'a> for Fields<'a, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        if self.lines.peek().is_empty() {
            return Ok(None);
        }
        let field = self.lines.next().and_then(|line| line.split_once(' '));
        let (key, value) = field.ok_or_else(other_form)?;
        self.value = value.strip_prefix("= ").ok_or_else(other_form)?;
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = if self.value == "'''" { self.lines.literal().map(Value::Text) } else { Value::read(self.value) };
        seed.deserialize(value.ok_or_else(other_form)?)
    }
}

fn other_form() -> Error {
    Error::custom("not as this program writes it")
}

enum Value<'a> {
    Number(u32),
    Text(&'a str),
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    fn read(text: &'a str) -> Option<Self> {
        if let Some(list) = text.strip_prefix('[') {
            let list = list.strip_suffix(']')?;
            if list.is_empty() {
                return Some(Self::List(Vec::new()));
            }
            let mut items = list.split(',');
            let first = std::iter::once(items.next().and_then(string));
            let others = items.map(|item| string(item.strip_prefix(' ')?));
            return first.chain(others).collect::<Option<_>>().map(Self::List);
        }
        if text.starts_with('"') { string(text) } else { number(text).map(Self::Number) }
    }
}

/// Reads a string without escapes.
fn string(text: &str) -> Option<Value<'_>> {
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    let plain = |byte: u8| byte >= b' ' && !matches!(byte, b'"' | b'\\' | 0x7f);
    text.bytes().all(plain).then_some(Value::Text(text))
}

fn number(text: &str) -> Option<u32> {
    let canonical = text == "0" || text.starts_with(|c: char| matches!(c, '1'..='9'));
    canonical.then(|| text.parse().ok()).flatten()
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Number(number) => visitor.visit_u32(number),
            Self::Text(text) => visitor.visit_borrowed_str(text),
            Self::List(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'a> IntoDeserializer<'a> for Value<'a> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VECTOR: &str = include_str!("../../tests/vectors/small.vault");

    #[test]
    fn what_this_program_writes_is_read_without_a_toml_parser() {
        assert_eq!(read(VECTOR).unwrap(), toml::from_str(VECTOR).unwrap());
    }

    #[test]
    fn what_toml_reads_otherwise_is_left_to_it() {
        let no_longer = [
            ("version = 1", "version=1"),
            ("version = 1", "version = 01"),
            ("version = 1", "version = +1"),
            ("version = 1", "version = 1 # one"),
            ("version = 1", "version = \"1\""),
            ("version = 1", "\nversion = 1"),
            ("version = 1", "version = 1\nversion = 1"),
            ("version = 1", "version = 1\nother = 1"),
            ("author = \"", "author = \"\\u0061"),
            ("author = \"", "author = \"\"\""),
            ("author = \"", "author = \"\t"),
            ("author = ", "author = ''"),
            ("author", "\"author\""),
            ("[[roster]]", "[[ roster ]]"),
            ("[[roster]]", "[roster]"),
            ("format = 1", "format = 1\r"),
            ("# ", "# \u{7}"),
            ("data = \'\'\'\n", "data = \'\'\'"),
            ("\n\'\'\'\n", "\n\'\'\'\'\n"),
        ];
        for (from, to) in no_longer {
            let text = VECTOR.replacen(from, to, 1);
            assert_ne!(text, VECTOR, "{from}");
            assert!(read(&text).is_none(), "{to}");
        }
        for end in (0..VECTOR.len() - 1).filter(|end| !VECTOR[..*end].ends_with('\n')) {
            assert!(read(&VECTOR[..end]).is_none(), "cut at {end}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Except inside the armor, which is checked when it is decoded.
        #[test]
        fn what_is_read_means_the_same_in_toml(
            at in any::<prop::sample::Index>(),
            length in 0_usize..3,
            new in prop::sample::select(vec!["", "\n", " ", "\"", "'", "'''", "[", "]", "[[roster]]\n", "#", "=", ",", "0", "a", "\t", "\\", "\r", "\u{7f}", "é"]),
        ) {
            let head = &VECTOR[..VECTOR.find("-----BEGIN").unwrap()];
            let at = at.index(head.len());
            let end = (at + length).min(head.len());
            let text = format!("{}{new}{}", &VECTOR[..at], &VECTOR[end..]);
            if let Some(outline) = read(&text) {
                prop_assert_eq!(outline, toml::from_str(&text).unwrap());
            }
        }
    }
}
