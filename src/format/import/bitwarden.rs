//! Bitwarden's JSON: an export, or what `bw get item` and `bw list items` print.

use super::records::{self, Record};
use super::tree::{Known, Node};
use crate::error::{Error, Result};
use crate::format::{Imported, Note};
use std::borrow::Cow;

const EXPORT: Known =
    Known { what: "export", texts: &[], lists: &["items"], maps: &[], about: &["encrypted", "passwordProtected"] };
const ITEM: Known = Known {
    what: "items",
    texts: &["name", "notes"],
    lists: &["fields"],
    maps: &["login"],
    about: &[
        "object",
        "id",
        "organizationId",
        "folderId",
        "collectionIds",
        "type",
        "reprompt",
        "favorite",
        "secureNote",
        "creationDate",
        "revisionDate",
        "deletedDate",
        "archivedDate",
    ],
};
const LOGIN: Known = Known {
    what: "login",
    texts: &["username", "password", "totp"],
    lists: &["uris"],
    maps: &[],
    about: &["passwordRevisionDate"],
};
const URI: Known = Known { what: "uris", texts: &["uri"], lists: &[], maps: &[], about: &["match"] };
const FIELD: Known =
    Known { what: "fields", texts: &["name", "value"], lists: &[], maps: &[], about: &["type", "linkedId"] };

/// Reads the items, if this is an export or a list of items.
pub(super) fn read(root: &Node) -> Result<Option<Imported>> {
    let Some(items) = items(root)? else { return Ok(None) };
    let mut imported = records::read(items.iter().map(record));
    let is_export = root.get("items").is_some();
    let unread = if is_export { root.unread(&EXPORT) } else { Vec::new() };
    if !unread.is_empty() {
        let what = format!("the export's {}", records::listed(&unread));
        imported.notes.push(Note::left_out(root.line, None, what));
    }
    Ok(Some(imported))
}

fn items(root: &Node) -> Result<Option<&[Node]>> {
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

/// Converts an item: a login or a note, with its custom fields. The contents of cards, identities and SSH keys are not
/// imported.
fn record(item: &Node) -> Record<'_> {
    let login = item.get("login");
    let of_login = |name| login.and_then(|login| login.get(name)).and_then(Node::text).map(|text| &**text);
    let uris = login.and_then(|login| login.get("uris")).and_then(Node::list).unwrap_or_default();
    let own = item.get("fields").and_then(Node::list).unwrap_or_default();
    let mut omitted = item.unread(&ITEM);
    omitted.extend(login.map_or(Vec::new(), |login| login.unread(&LOGIN)));
    let mut fields = Vec::new();
    for uri in uris {
        omitted.extend(uri.unread(&URI));
        fields.extend(uri.get("uri").and_then(Node::text).map(|text| (Cow::Borrowed("URL"), &**text)));
    }
    for own in own {
        omitted.extend(own.unread(&FIELD));
        fields.extend(field(own));
    }
    Record {
        title: item.get("name").and_then(Node::text).and_then(|name| name.as_str()).unwrap_or_default(),
        line: item.get("name").map_or(item.line, |name| name.line),
        password: of_login("password"),
        username: of_login("username"),
        one_time: of_login("totp"),
        notes: item.get("notes").and_then(Node::text).map(|text| &**text),
        fields,
        tags: Cow::Borrowed(""),
        omitted,
    }
}

/// Returns the name and the value of a custom field. One that is linked to another field has no value.
fn field(field: &Node) -> Option<(Cow<'_, str>, &[u8])> {
    let name = field.get("name").and_then(Node::text).and_then(|name| name.as_str()).unwrap_or_default();
    let value = field.get("value").and_then(Node::text).map_or(&[][..], |value| value);
    (!name.is_empty() || !value.is_empty()).then_some((name.into(), value))
}
