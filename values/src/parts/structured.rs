//! Reads the strings in a JSON or YAML value, with the names of their fields.

use crate::secret::SecretBytes;
use saphyr_parser::{Event, Parser};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The largest values that are parsed, in bytes; larger ones are read line by line.
const LARGEST_JSON: usize = 4 << 20;
const LARGEST_YAML: usize = 256 << 10;

/// A string.
pub(super) struct Leaf {
    /// The name of the field that contains the string, or the list with the string.
    pub name: String,
    pub text: SecretBytes,
}

/// Returns the strings of a JSON or YAML object or list; `None` if the value is neither.
pub(super) fn leaves(value: &[u8]) -> Option<Vec<Leaf>> {
    let text = std::str::from_utf8(value).ok()?;
    let is_json = text.len() <= LARGEST_JSON && text.trim_start().starts_with(['{', '[']);
    if let Some(leaves) = is_json.then(|| json(text)).flatten() {
        return Some(leaves);
    }
    let is_yaml = text.len() <= LARGEST_YAML && text.contains('\n') && text.contains(':');
    is_yaml.then(|| yaml(text)).flatten()
}

fn json(text: &str) -> Option<Vec<Leaf>> {
    let mut leaves = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    Json { name: "", leaves: &mut leaves }.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(leaves)
}

/// Collects the strings of one JSON value.
struct Json<'a> {
    name: &'a str,
    leaves: &'a mut Vec<Leaf>,
}

impl<'de> DeserializeSeed<'de> for Json<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.leaves.push(Leaf { name: self.name.to_owned(), text: text.into() });
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Json { name: self.name, leaves: &mut *self.leaves })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut group: A) -> Result<(), A::Error> {
        while let Some(name) = group.next_key::<String>()? {
            group.next_value_seed(Json { name: &name, leaves: &mut *self.leaves }).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// The maximum nesting depth.
const DEEPEST: usize = 64;

fn yaml(text: &str) -> Option<Vec<Leaf>> {
    let mut leaves = Vec::new();
    // For each open mapping and sequence: whether it is a mapping, and the last key.
    let mut open: Vec<(bool, Option<String>)> = Vec::new();
    let mut name = String::new();
    for event in Parser::new_from_str(text) {
        match event.ok()?.0 {
            Event::MappingStart(..) | Event::SequenceStart(..) if open.len() >= DEEPEST => return None,
            Event::MappingStart(..) => open.push((true, None)),
            Event::SequenceStart(..) => open.push((false, Some(name.clone()))),
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                value_ended(&mut open);
            }
            Event::Alias(_) => value_ended(&mut open),
            Event::Scalar(text, ..) => match open.last_mut()? {
                (true, key @ None) => {
                    name = text.into_owned();
                    *key = Some(name.clone());
                }
                (_, key) => {
                    let name = key.clone().unwrap_or_default();
                    leaves.push(Leaf { name, text: text.as_ref().into() });
                    value_ended(&mut open);
                }
            },
            _ => {}
        }
    }
    Some(leaves)
}

/// After a value in a mapping, the next scalar is a key.
fn value_ended(open: &mut [(bool, Option<String>)]) {
    if let Some((true, key)) = open.last_mut() {
        *key = None;
    }
}
