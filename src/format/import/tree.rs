//! The tree that JSON, YAML and TOML share: named values, groups and lists, with the text of each value as written.

use crate::error::{Error, Remedy, Result};
use crate::format::{Entry, Imported, Note};
use crate::ordered::Ordered as _;
use crate::secret::SecretBytes;
use std::borrow::Cow;
use std::collections::BTreeMap;

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

/// What a format has in a group, and what of it is read. Each list has names of members.
pub(super) struct Known {
    /// The name of the group itself, for messages.
    pub(super) what: &'static str,
    /// Members whose text is read.
    pub(super) texts: &'static [&'static str],
    pub(super) lists: &'static [&'static str],
    pub(super) maps: &'static [&'static str],
    /// Members that the program made up itself, such as dates, and that need no import.
    pub(super) about: &'static [&'static str],
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

    /// Returns the names of the members that hold something and are not read: those that are unknown or not of the
    /// known shape, and those that a later member of the same name replaces.
    pub(super) fn unread(&self, known: &Known) -> Vec<Cow<'_, str>> {
        let Value::Map(members) = &self.value else {
            return if self.is_vacant() { Vec::new() } else { vec![Cow::Borrowed(known.what)] };
        };
        let last: BTreeMap<&str, usize> =
            members.iter().enumerate().map(|(index, (name, _))| (name.as_str(), index)).ordered();
        let mut unread = Vec::new();
        for (index, (name, node)) in members.iter().enumerate() {
            let name = name.as_str();
            let shaped = match node.value {
                Value::Text(_) => known.texts,
                Value::List(_) => known.lists,
                Value::Map(_) => known.maps,
                Value::Null => continue,
            };
            let is_read = shaped.contains(&name) && last.get(name) == Some(&index);
            if !is_read && !known.about.contains(&name) && !node.is_vacant() {
                unread.push(Cow::Borrowed(name));
            }
        }
        unread
    }

    /// Returns whether there is nothing in the node that could be lost.
    pub(super) fn is_vacant(&self) -> bool {
        match &self.value {
            Value::Text(text) => text.is_empty(),
            Value::Null => true,
            Value::Map(members) => members.is_empty(),
            Value::List(nodes) => nodes.is_empty(),
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
