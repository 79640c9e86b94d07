//! What the contents of a JSON, YAML or TOML file mean: named values, lists of `NAME=value`, or a Bitwarden export.

use super::records::Record;
use super::tree::{Node, Value, flatten};
use crate::error::{Error, Result};
use crate::format::{Entry, Imported, Note};
use crate::secret::SecretBytes;

/// Takes the entries out of a file.
pub(super) fn read(root: Node, join: bool) -> Result<Imported> {
    if let Some(items) = bitwarden(&root)? {
        return Ok(super::records::read(items.iter().map(vault_item)));
    }
    match root.value {
        Value::Map(members) => {
            refuse_encrypted(&members)?;
            flatten(members, join)
        }
        Value::List(nodes) => assignments(&nodes),
        Value::Text(_) | Value::Null => Err(Error::usage("the file holds one value without a name")),
    }
}

/// sops keeps its own data beside the values it has encrypted, and takes it away when it decrypts them.
fn refuse_encrypted(members: &[(String, Node)]) -> Result<()> {
    let sops = members.iter().find(|(name, _)| name == "sops").map(|(_, node)| node);
    if sops.is_some_and(|node| node.get("mac").is_some() || node.get("version").is_some()) {
        return Err(Error::usage("the file is still encrypted by sops")
            .hint("decrypt it on the way: sops -d FILE | vault import"));
    }
    Ok(())
}

/// The entries of a list: `NAME=value` texts, or what `docker inspect` says of containers and images.
fn assignments(nodes: &[Node]) -> Result<Imported> {
    let mut imported = Imported::default();
    for node in nodes {
        match (&node.value, node.get("Config").and_then(|config| config.get("Env")).and_then(Node::list)) {
            (Value::Text(text), _) => assignment(text, node.line, &mut imported),
            (_, Some(list)) => {
                for node in list {
                    match &node.value {
                        Value::Text(text) => assignment(text, node.line, &mut imported),
                        _ => return Err(no_names(node.line)),
                    }
                }
            }
            _ => return Err(no_names(node.line)),
        }
    }
    Ok(imported)
}

fn no_names(line: usize) -> Error {
    Error::usage(format!("line {line}: a list gives its values no names"))
        .hint("lists are read as [\"NAME=value\", ...] or as docker inspect prints them")
}

fn assignment(text: &SecretBytes, line: usize, imported: &mut Imported) {
    match text.as_str().and_then(|text| text.split_once('=')) {
        Some((name, value)) => imported.entries.push(Entry::new(name, value.into(), line)),
        None => imported.notes.push(Note::left_out(line, None, "no assignment")),
    }
}

/// The items of a Bitwarden export, if it is one.
fn bitwarden(root: &Node) -> Result<Option<&[Node]>> {
    let Some(encrypted) = root.get("encrypted") else { return Ok(None) };
    if encrypted.text().is_some_and(|text| **text == *b"true") {
        return Err(Error::usage("the export is encrypted").hint("export it from Bitwarden as .json, not encrypted"));
    }
    Ok(root.get("items").and_then(Node::list))
}

/// An item of Bitwarden: a login, or a note; with fields of its own. What cards, identities and the like hold is not taken.
fn vault_item(item: &Node) -> Record<'_> {
    let login = |name| item.get("login").and_then(|login| login.get(name)).and_then(Node::text);
    let fields = item.get("fields").and_then(Node::list).unwrap_or_default().iter().filter_map(field);
    let uris = item.get("login").and_then(|login| login.get("uris")).and_then(Node::list).unwrap_or_default();
    let uris = uris.iter().filter_map(|uri| Some(("URL", &**uri.get("uri")?.text()?)));
    let kinds = ["card", "identity", "sshKey"].into_iter();
    Record {
        title: item.get("name").and_then(Node::text).and_then(|name| name.as_str()).unwrap_or_default(),
        line: item.get("name").map_or(item.line, |name| name.line),
        password: login("password").map(|text| &**text),
        username: login("username").map(|text| &**text),
        one_time: login("totp").map(|text| &**text),
        notes: item.get("notes").and_then(Node::text).map(|text| &**text),
        fields: uris.chain(fields).collect(),
        tags: "",
        omitted: kinds.filter(|kind| item.get(kind).is_some_and(|node| !node.is_null())).collect(),
    }
}

fn field(field: &Node) -> Option<(&str, &[u8])> {
    Some((field.get("name")?.text()?.as_str()?, field.get("value")?.text()?))
}
