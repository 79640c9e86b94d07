//! Kubernetes Secrets and ConfigMaps, alone, in a list or in several YAML documents, as `kubectl get -o yaml` and `-o
//! json` print them and `kubectl apply` reads them.

use super::tree::{Known, Node, Value};
use super::{records, sops};
use crate::error::{Error, Remedy, Result};
use crate::format::{Entry, Imported, Note};
use crate::name::quoted;
use crate::secret::SecretBytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

const SECRET: Known = Known {
    what: "",
    texts: &[],
    lists: &[],
    maps: &["stringData", "data", "metadata"],
    about: &["apiVersion", "kind", "type", "immutable"],
};
const CONFIG_MAP: Known = Known { maps: &["data", "binaryData", "metadata"], ..SECRET };
const LIST: Known = Known { lists: &["items"], maps: &["metadata"], ..SECRET };
/// Annotations are unread: one of them is the object as it was applied, with all values.
const METADATA: Known = Known {
    what: "metadata",
    texts: &[],
    lists: &[],
    maps: &[],
    about: &[
        "name",
        "generateName",
        "namespace",
        "labels",
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "generation",
        "managedFields",
        "ownerReferences",
        "selfLink",
        "finalizers",
        "continue",
        "remainingItemCount",
    ],
};

/// Returns whether a node is a Kubernetes object.
pub(super) fn is_object(node: &Node) -> bool {
    let is_text = |name| node.get(name).and_then(Node::text).is_some();
    is_text("apiVersion") && is_text("kind")
}

/// Reads the data of these objects. Objects of other kinds are noted.
pub(super) fn read(objects: Vec<Node>) -> Result<Imported> {
    let mut imported = Imported::default();
    for object in objects {
        add(object, &mut imported)?;
    }
    Ok(imported)
}

fn add(object: Node, imported: &mut Imported) -> Result<()> {
    let line = object.line;
    let kind = object.get("kind").and_then(Node::text).and_then(|kind| kind.as_str()).unwrap_or_default().to_owned();
    let known = match kind.as_str() {
        "Secret" => Some(&SECRET),
        "ConfigMap" => Some(&CONFIG_MAP),
        _ if kind.ends_with("List") => Some(&LIST),
        _ => None,
    };
    if let Some(known) = known {
        note_unread(&object, known, imported);
    }
    let Value::Map(members) = object.value else {
        imported.notes.push(Note::left_out(line, None, "not a Kubernetes object"));
        return Ok(());
    };
    sops::refuse_members(&members)?;
    match kind.as_str() {
        "Secret" => add_members(members, ["stringData", "data"], Entry::kept_secret, imported)?,
        "ConfigMap" => add_members(members, ["data", "binaryData"], Entry::new, imported)?,
        "SealedSecret" => {
            return Err(Error::usage(format!("line {line} begins a SealedSecret, which only its cluster can decrypt"))
                .hint((
                    "import the Secret that the cluster made from it: kubectl get secret NAME -o yaml | ",
                    Remedy::ImportPiped,
                )));
        }
        _ if kind.ends_with("List") => {
            for (name, node) in members {
                if let ("items", Value::List(items)) = (name.as_str(), node.value) {
                    items.into_iter().try_for_each(|item| add(item, imported))?;
                }
            }
        }
        _ => imported.notes.push(Note::left_out(line, None, format!("an object of kind {}", quoted(&kind)))),
    }
    Ok(())
}

/// Notes what else an object holds.
fn note_unread(object: &Node, known: &Known, imported: &mut Imported) {
    let mut unread = object.unread(known);
    unread.extend(object.get("metadata").map_or(Vec::new(), |metadata| metadata.unread(&METADATA)));
    if !unread.is_empty() {
        imported.notes.push(Note::left_out(object.line, None, format!("its {}", records::listed(&unread))));
    }
}

/// Adds the data of an object, which is in two of its members: as plain text in one, in base64 in the other.
fn add_members(
    members: Vec<(String, Node)>,
    [plain, encoded]: [&str; 2],
    entry: fn(String, SecretBytes, usize) -> Entry,
    imported: &mut Imported,
) -> Result<()> {
    for (name, node) in members {
        if name == plain || name == encoded {
            add_data(node, name == encoded, entry, imported)?;
        }
    }
    Ok(())
}

fn add_data(
    data: Node,
    is_encoded: bool,
    entry: fn(String, SecretBytes, usize) -> Entry,
    imported: &mut Imported,
) -> Result<()> {
    let line = data.line;
    let members = match data.value {
        Value::Map(members) => members,
        Value::Null => return Ok(()),
        Value::Text(_) | Value::List(_) => return Err(Error::usage(format!("line {line}: the data has no names"))),
    };
    for (name, node) in members {
        let line = node.line;
        match node.value {
            Value::Text(text) if is_encoded => {
                let value = decoded(&text).map_err(|hint| {
                    let what =
                        format!("line {line}: {} is not base64, which the data of a Secret must be", quoted(&name));
                    Error::usage(what).hint(hint)
                })?;
                imported.entries.push(entry(name, value, line));
            }
            Value::Text(text) => imported.entries.push(entry(name, text, line)),
            Value::Null => imported.notes.push(Note::left_out(line, Some(name), "null")),
            Value::Map(_) | Value::List(_) => {
                return Err(Error::usage(format!(
                    "line {line}: {} is a group of values, not a single value",
                    quoted(&name)
                ))
                .hint("Kubernetes allows only text here"));
            }
        }
    }
    Ok(())
}

/// Decodes base64, with or without line breaks. The error is a hint.
fn decoded(text: &SecretBytes) -> Result<SecretBytes, &'static str> {
    let signs: Zeroizing<Vec<u8>> =
        Zeroizing::new(text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect());
    match STANDARD.decode(&*signs) {
        Ok(decoded) => Ok(SecretBytes::new(decoded)),
        Err(_) => Err("text that is not encoded belongs under stringData"),
    }
}
