//! Reads a file as this program writes it, line by line. With a long roster, a TOML parser would take most of the time of
//! opening a vault.
//!
//! This is not a TOML parser. It knows the lines of `write.rs`, which mean the same in TOML. A file that differs from
//! them in any way, or is wrong, is left to a TOML parser.

use super::fields::{Bounded, Text};
use super::raw::{Outline, RawBlock, RawSlot};
use super::statement::{RawStatement, ReadStatement};
use super::write::HEADING;
use std::borrow::Cow;
use vault_quick::plain::is_bare;

/// Reads the outline of the file; `None` if anything is not as this program writes it.
pub(super) fn read(text: &str) -> Option<Outline<'_>> {
    let mut lines = Lines(text);
    if lines.peek() == HEADING {
        lines.next()?;
    }
    let format = number(lines.next()?.strip_prefix("format = ")?)?;
    let roster = Bounded::with_capacity(count_changes(lines));
    let mut outline = Outline { format, roster, slot: Bounded::default(), environment: Bounded::default() };
    while let Some(line) = lines.next() {
        match line {
            "" => {}
            "[[roster]]" => outline.roster.push(ReadStatement::new(statement(&mut lines)?))?,
            "[[slot]]" => outline.slot.push(slot(&mut lines)?)?,
            "[[environment]]" => outline.environment.push(block(&mut lines)?)?,
            _ => return None,
        }
    }
    lines.0.is_empty().then_some(outline)
}

/// Reads lines of `key = value` up to an empty one as a table. The fields before the semicolon are required, those after it
/// are optional. `None` for an unknown key and for one that occurs twice.
macro_rules! table {
    ($lines:expr, $table:ident { $($must:ident),+; $($may:ident),* }) => {{
        $(let mut $must = None;)+
        $(let mut $may = None;)*
        while let Next::Field(key, value) = $lines.next_in_table()? {
            match key {
                $(stringify!($must) => put(&mut $must, value)?,)+
                $(stringify!($may) => put(&mut $may, value)?,)*
                _ => return None,
            }
        }
        Some($table { $($must: $must?,)+ $($may,)* })
    }};
}

fn statement<'a>(lines: &mut Lines<'a>) -> Option<RawStatement<'a>> {
    table!(lines, RawStatement {
        version, author, time, change, signature;
        user, role, grants, recipient, verifying_key, keys_signature, environment, environments, email, random, protected,
        pending
    })
}

fn slot<'a>(lines: &mut Lines<'a>) -> Option<RawSlot<'a>> {
    table!(lines, RawSlot { user, kind, data; hint })
}

fn block<'a>(lines: &mut Lines<'a>) -> Option<RawBlock<'a>> {
    table!(lines, RawBlock { name, version, previous, roster, roster_hash, author, time, signature, data; ancestors })
}

fn put<'a, T: Field<'a>>(field: &mut Option<T>, value: Value<'a>) -> Option<()> {
    if field.is_some() {
        return None;
    }
    *field = Some(T::from_value(value)?);
    Some(())
}

/// Counts the changes, so that their list is allocated once. A growing list would touch twice the memory.
fn count_changes(mut lines: Lines<'_>) -> usize {
    let mut count = 0;
    while let Some(line) = lines.next().filter(|line| *line != "[[slot]]") {
        count += usize::from(line == "[[roster]]");
    }
    count
}

/// The rest of the text: always whole lines.
#[derive(Clone, Copy)]
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

    /// Reads the next key and its value, or the end of a table; `None` for anything else.
    fn next_in_table(&mut self) -> Option<Next<'a>> {
        if self.peek().is_empty() {
            return Some(Next::End);
        }
        let line = self.next()?;
        let (key, rest) = line.split_at(memchr::memchr(b' ', line.as_bytes())?);
        let value = rest.strip_prefix(" = ")?;
        let value = if value == "'''" { Value::Text(self.literal()?) } else { Value::read(value)? };
        Some(Next::Field(key, value))
    }

    /// Reads a multi-line literal up to its closing line of three quotes. The line before opened it; TOML drops the line
    /// break there.
    fn literal(&mut self) -> Option<&'a str> {
        // Armor has no quotes, so search for one quote, which is faster than for three.
        let (text, rest) = self.0.split_at(memchr::memchr(b'\'', self.0.as_bytes())?);
        self.0 = rest.strip_prefix("'''\n")?;
        text.ends_with('\n').then_some(text)
    }
}

/// Returns the end of the first line.
fn end_of_line(text: &str) -> Option<usize> {
    memchr::memchr(b'\n', text.as_bytes())
}

/// What comes next in a table.
enum Next<'a> {
    Field(&'a str, Value<'a>),
    End,
}

enum Value<'a> {
    Number(u32),
    Text(&'a str),
    /// The text between the brackets.
    List(&'a str),
}

impl<'a> Value<'a> {
    fn read(text: &'a str) -> Option<Self> {
        if let Some(list) = text.strip_prefix('[') {
            return list.strip_suffix(']').map(Self::List);
        }
        if text.starts_with('"') { string(text).map(Self::Text) } else { number(text).map(Self::Number) }
    }
}

/// A type that a field of a table can have.
trait Field<'a>: Sized {
    fn from_value(value: Value<'a>) -> Option<Self>;
}

impl Field<'_> for u32 {
    fn from_value(value: Value<'_>) -> Option<Self> {
        if let Value::Number(number) = value { Some(number) } else { None }
    }
}

impl<'a> Field<'a> for Text<'a> {
    fn from_value(value: Value<'a>) -> Option<Self> {
        if let Value::Text(text) = value { Some(Self(Cow::Borrowed(text))) } else { None }
    }
}

impl<'a, const N: usize> Field<'a> for Bounded<Text<'a>, N> {
    fn from_value(value: Value<'a>) -> Option<Self> {
        let Value::List(list) = value else { return None };
        let mut items = Self::default();
        if list.is_empty() {
            return Some(items);
        }
        for (index, item) in list.split(',').enumerate() {
            let item = if index == 0 { item } else { item.strip_prefix(' ')? };
            items.push(Text(Cow::Borrowed(string(item)?)))?;
        }
        Some(items)
    }
}

/// A string without escapes.
fn string(text: &str) -> Option<&str> {
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    is_bare(text.as_bytes()).then_some(text)
}

fn number(text: &str) -> Option<u32> {
    let canonical = text == "0" || text.starts_with(|c: char| matches!(c, '1'..='9'));
    canonical.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VECTOR: &str = include_str!("../../tests/vectors/small.vault");

    #[test]
    fn files_written_by_vault_are_read_without_a_toml_parser() {
        assert_eq!(read(VECTOR).unwrap(), toml::from_str(VECTOR).unwrap());
    }

    #[test]
    fn everything_else_is_left_to_the_toml_parser() {
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
        fn the_toml_parser_reads_the_same(
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
