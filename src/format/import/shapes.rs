//! Interprets the contents of a JSON, YAML, TOML or `.tfvars` file: named values, lists of `NAME=value`, Kubernetes
//! objects, or the items of a password manager.

use super::records::Record;
use super::tree::{Node, Value, flatten};
use super::{kubernetes, one_password, sops, yaml};
use crate::error::{Error, Result};
use crate::format::{Entry, Imported, Note};
use crate::secret::SecretBytes;
use std::borrow::Cow;

/// Reads the entries of a file.
pub(super) fn read(root: Node, join: Option<&str>) -> Result<Imported> {
    if let Some(items) = bitwarden(&root)? {
        return Ok(super::records::read(items.iter().map(vault_item)));
    }
    if let Some(items) = one_password::items(&root) {
        return Ok(super::records::read(items.iter().map(one_password::record)));
    }
    if kubernetes::is_object(&root) {
        return kubernetes::read(vec![root]);
    }
    match root.value {
        Value::Map(members) => {
            sops::refuse_members(&members)?;
            flatten(members, join)
        }
        Value::List(nodes) => assignments(&nodes),
        Value::Text(_) | Value::Null => Err(Error::usage("the file holds one value without a name")),
    }
}

/// Reads the entries of YAML documents: a single one, or Kubernetes objects.
pub(super) fn read_documents(documents: Vec<yaml::Document>, join: Option<&str>) -> Result<Imported> {
    let mut documents: Vec<yaml::Document> = match documents.len() {
        0 | 1 => documents,
        // Documents may be empty, with nothing between two `---` lines.
        _ => documents.into_iter().filter(|document| !document.root.is_null()).collect(),
    };
    if documents.len() > 1 {
        let other = documents.iter().find(|document| !kubernetes::is_object(&document.root));
        if other.is_none() {
            return kubernetes::read(documents.into_iter().map(|document| document.root).collect());
        }
        return Err(Error::usage(format!("line {} begins a second YAML document", documents[1].line))
            .hint("import the documents one by one"));
    }
    documents.pop().map_or(Ok(Imported::default()), |document| read(document.root, join))
}

/// Reads the entries of a list: `NAME=value` texts, or the containers and images of `docker inspect`.
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
    Error::usage(format!("line {line}: the values of a list have no names"))
        .hint("a list must be [\"NAME=value\", ...] or what docker inspect prints")
}

fn assignment(text: &SecretBytes, line: usize, imported: &mut Imported) {
    match text.as_str().and_then(|text| text.split_once('=')) {
        Some((name, value)) => imported.entries.push(Entry::new(name, value.into(), line)),
        None => imported.notes.push(Note::left_out(line, None, "not an assignment")),
    }
}

/// Returns the items of a Bitwarden export, if this is one.
fn bitwarden(root: &Node) -> Result<Option<&[Node]>> {
    // `bw get item` and `bw list items` print the items without the object around them.
    let items = root.list().unwrap_or(std::slice::from_ref(root));
    let is_item = |node: &Node| node.get("object").and_then(Node::text).is_some_and(|text| **text == *b"item");
    if !items.is_empty() && items.iter().all(is_item) {
        return Ok(Some(items));
    }
    let Some(encrypted) = root.get("encrypted") else { return Ok(None) };
    if encrypted.text().is_some_and(|text| **text == *b"true") {
        return Err(Error::usage("the export is encrypted").hint("export it from Bitwarden as .json, not encrypted"));
    }
    Ok(root.get("items").and_then(Node::list))
}

/// Converts a Bitwarden item: a login or a note, with its custom fields. The contents of cards, identities and SSH keys
/// are not imported.
fn vault_item(item: &Node) -> Record<'_> {
    let login = |name| item.get("login").and_then(|login| login.get(name)).and_then(Node::text);
    let fields = item.get("fields").and_then(Node::list).unwrap_or_default().iter().filter_map(field);
    let uris = item.get("login").and_then(|login| login.get("uris")).and_then(Node::list).unwrap_or_default();
    let uris = uris.iter().filter_map(|uri| Some((Cow::Borrowed("URL"), &**uri.get("uri")?.text()?)));
    let kinds = ["card", "identity", "sshKey"].into_iter();
    Record {
        title: item.get("name").and_then(Node::text).and_then(|name| name.as_str()).unwrap_or_default(),
        line: item.get("name").map_or(item.line, |name| name.line),
        password: login("password").map(|text| &**text),
        username: login("username").map(|text| &**text),
        one_time: login("totp").map(|text| &**text),
        notes: item.get("notes").and_then(Node::text).map(|text| &**text),
        fields: uris.chain(fields).collect(),
        tags: Cow::Borrowed(""),
        omitted: kinds.filter(|kind| item.get(kind).is_some_and(|node| !node.is_null())).collect(),
    }
}

fn field(field: &Node) -> Option<(Cow<'_, str>, &[u8])> {
    Some((field.get("name")?.text()?.as_str()?.into(), field.get("value")?.text()?))
}
