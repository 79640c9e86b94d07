//! Interprets the contents of a JSON, YAML, TOML or `.tfvars` file: named values, lists of `NAME=value`, Kubernetes
//! objects, or the items of a password manager.

use super::records;
use super::tree::{Known, Node, Value, flatten};
use super::{bitwarden, kubernetes, one_password, sops, yaml};
use crate::error::{Error, Result};
use crate::format::{Entry, Imported, Note};
use crate::secret::SecretBytes;

/// Reads the entries of a file.
pub(super) fn read(root: Node, join: Option<&str>) -> Result<Imported> {
    if let Some(imported) = bitwarden::read(&root)? {
        return Ok(imported);
    }
    if let Some(items) = one_password::items(&root) {
        return Ok(records::read(items.iter().map(one_password::record)));
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

/// What is read of the containers and images that `docker inspect` prints: the variables.
const CONTAINER: Known = Known { what: "", texts: &[], lists: &[], maps: &["Config"], about: &[] };
const CONFIG: Known = Known { what: "", texts: &[], lists: &["Env"], maps: &[], about: &[] };

/// Reads the entries of a list: `NAME=value` texts, or the containers and images of `docker inspect`.
fn assignments(nodes: &[Node]) -> Result<Imported> {
    let mut imported = Imported::default();
    for node in nodes {
        match (&node.value, node.get("Config").and_then(|config| config.get("Env")).and_then(Node::list)) {
            (Value::Text(text), _) => assignment(text, node.line, &mut imported),
            (_, Some(list)) => {
                let config = node.get("Config").map_or(Vec::new(), |config| config.unread(&CONFIG));
                if !config.is_empty() || !node.unread(&CONTAINER).is_empty() {
                    imported.notes.push(Note::left_out(node.line, None, "what is not in Config.Env"));
                }
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
