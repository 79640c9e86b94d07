//! What JSON, YAML and TOML have in common: named values, groups and lists, with the text of each value as written.

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
    /// A string decoded; a number, date or truth value as it is written (`0123`, `1.10`).
    Text(SecretBytes),
    Null,
    Map(Vec<(String, Node)>),
    List(Vec<Node>),
}

/// How deep groups may nest: enough for any configuration, and no danger to the stack.
const MAX_DEPTH: usize = 32;

/// Refuses to go deeper than [`MAX_DEPTH`].
pub(super) fn check_depth(depth: usize, line: usize) -> Result<()> {
    if depth <= MAX_DEPTH {
        return Ok(());
    }
    Err(Error::usage(format!("line {line} nests deeper than {MAX_DEPTH} levels")))
}

impl Node {
    /// The member of a group by its name; the last one, where there are several.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(members) => members.iter().rev().find(|(key, _)| key == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The text of a value that is not empty.
    pub(super) fn text(&self) -> Option<&SecretBytes> {
        match &self.value {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Whether there is nothing.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The nodes of a list.
    pub(super) fn list(&self) -> Option<&[Self]> {
        match &self.value {
            Value::List(nodes) => Some(nodes),
            _ => None,
        }
    }
}

/// The members of a group as entries. Groups in it are refused by name, or their names joined by this.
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
        imported.notes.push(Note::left_out(line, Some(name), "holds nothing"));
        return Ok(());
    }
    for (key, node) in inner {
        add(format!("{name}{joint}{key}"), node, join, imported)?;
    }
    Ok(())
}
