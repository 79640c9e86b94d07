//! JSON, with numbers as written.

use super::tree::{Node, Value, check_depth};
use crate::error::{Error, Result};
use crate::format::lines::Lines;
use crate::secret::SecretBytes;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Parses one JSON value.
pub(super) fn parse(source: &str) -> Result<Node> {
    let lines = Lines::new(source);
    let raw: &RawValue =
        serde_json::from_str(source).map_err(|error| not_json(lines.number_at(place(&error, source))))?;
    Reader { source, lines }.node(raw, 0)
}

/// Returns the byte at which the library found the error. The library counts only LF as the end of a line.
fn place(error: &serde_json::Error, source: &str) -> usize {
    let before = source.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    before + error.column().saturating_sub(1)
}

/// Makes the error with the line only: the library's message could quote the file.
fn not_json(line: usize) -> Error {
    Error::usage(format!("line {line} is not JSON"))
}

struct Reader<'s> {
    source: &'s str,
    lines: Lines,
}

impl<'s> Reader<'s> {
    fn node(&self, raw: &'s RawValue, depth: usize) -> Result<Node> {
        let text = raw.get();
        let line = self.lines.number_at(text.as_ptr().addr().saturating_sub(self.source.as_ptr().addr()));
        check_depth(depth, line)?;
        let value = match text.as_bytes().first() {
            Some(b'{') => {
                let Members(members) = serde_json::from_str(text).map_err(|_| not_json(line))?;
                let nodes = members.into_iter().map(|(name, raw)| Ok((name, self.node(raw, depth + 1)?)));
                Value::Map(nodes.collect::<Result<_>>()?)
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| not_json(line))?;
                Value::List(items.into_iter().map(|raw| self.node(raw, depth + 1)).collect::<Result<_>>()?)
            }
            Some(b'"') => {
                let string: String = serde_json::from_str(text).map_err(|_| not_json(line))?;
                Value::Text(SecretBytes::new(string.into_bytes()))
            }
            Some(b'n') => Value::Null,
            _ => Value::Text(text.into()),
        };
        Ok(Node { line, value })
    }
}

/// The members of an object, in order, including duplicates.
struct Members<'s>(Vec<(String, &'s RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
