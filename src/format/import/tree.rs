//! The tree that JSON, YAML and TOML share: named values, groups and lists, with the text of each value as written.

use crate::error::{Error, Remedy, Result};
use crate::format::{Entry, Imported, Note};
use crate::secret::SecretBytes;

/// A value with its line, from 1.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    /// A decoded string, or a number, date or boolean as written (`0123`, `1.10`).
    Text(SecretBytes),
    Null,
    Map(Vec<(String, Node)>),
    List(Vec<Node>),
}

/// The deepest nesting of groups. It is enough for any configuration and safe for the stack.
const MAX_DEPTH: usize = 32;

/// Refuses nesting deeper than [`MAX_DEPTH`].
pub(super) fn check_depth(depth: usize, line: usize) -> Result<()> {
    if depth <= MAX_DEPTH {
        return Ok(());
    }
    Err(Error::usage(format!("line {line} nests deeper than {MAX_DEPTH} levels")))
}

impl Node {
    /// Returns the member of a group with this name, or the last one if there are several.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(members) => members.iter().rev().find(|(key, _)| key == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// Returns the text of a value, unless it is empty.
    pub(super) fn text(&self) -> Option<&SecretBytes> {
        match &self.value {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Returns whether the value is null.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Returns the nodes of a list.
    pub(super) fn list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(nodes) => Some(nodes),
            _ => None,
        }
    }
}

/// Converts the members of a group to entries. Nested groups are refused, or their names are joined with `join`.
pub(super) fn flatten(members: Vec<(String, Node)>, join: Option<&str>) -> Result<Imported> {
    let mut imported = Imported::default();
    for (name, node) in members {
        add(name, node, join, &mut imported)?;
    }
    Ok(imported)
}

fn add(name: String, node: Node, join: Option<&str>, imported: &mut Imported) -> Result<()> {
    let line = node.line;
    let inner: Vec<(String, Node)> = match node.value {
        Value::Text(value) => {
            imported.entries.push(Entry::new(name, value, line));
            return Ok(());
        }
        Value::Null => {
            imported.notes.push(Note::left_out(line, Some(name), "null"));
            return Ok(());
        }
        Value::Map(members) => members,
        Value::List(nodes) => nodes.into_iter().enumerate().map(|(index, node)| (index.to_string(), node)).collect(),
    };
    let Some(joint) = join else {
        let name = crate::name::quoted(&name);
        return Err(Error::usage(format!("line {line}: {name} is a group of values, not a single value")).hint((
            Remedy::Flatten("_"),
            " joins nested names with _, ",
            Remedy::Flatten("__"),
            " as .NET reads them",
        )));
    };
    if inner.is_empty() {
        imported.notes.push(Note::left_out(line, Some(name), "it is empty"));
        return Ok(());
    }
    for (key, node) in inner {
        add(format!("{name}{joint}{key}"), node, join, imported)?;
    }
    Ok(())
}
