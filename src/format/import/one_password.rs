//! The output of `op item get --format json` for a 1Password item.

use super::records::Record;
use super::tree::{Known, Node};
use std::borrow::Cow;

const ITEM: Known = Known {
    what: "items",
    texts: &["title"],
    lists: &["urls", "fields", "tags"],
    maps: &[],
    about: &[
        "id",
        "version",
        "state",
        "vault",
        "category",
        "favorite",
        "sections",
        "additional_information",
        "last_edited_by",
        "created_at",
        "updated_at",
    ],
};
const URL: Known = Known { what: "urls", texts: &["href"], lists: &[], maps: &[], about: &["primary", "label"] };
/// `totp` is the code that `value` gives now.
const FIELD: Known = Known {
    what: "fields",
    texts: &["label", "value"],
    lists: &[],
    maps: &["password_details"],
    about: &["id", "type", "purpose", "section", "reference", "entropy", "totp"],
};
/// `history` has the former passwords.
const DETAILS: Known =
    Known { what: "password_details", texts: &[], lists: &[], maps: &[], about: &["strength", "entropy", "generated"] };

/// Returns the items, if the root is an item or a list of items.
pub(super) fn items(root: &Node) -> Option<&[Node]> {
    let items = root.list().unwrap_or(std::slice::from_ref(root));
    let is_item = |node: &Node| {
        let has_text = |name| node.get(name).and_then(Node::text).is_some();
        let fields = node.get("fields").and_then(Node::list);
        has_text("id")
            && has_text("title")
            && fields.is_some_and(|fields| fields.iter().all(|field| field.get("id").is_some()))
    };
    (!items.is_empty() && items.iter().all(is_item)).then_some(items)
}

/// Converts an item. Its password or credential gets the name of the item, and the other fields are named by their
/// labels.
pub(super) fn record(item: &Node) -> Record<'_> {
    let mut record = Record {
        title: string(item, "title"),
        line: item.get("title").map_or(item.line, |title| title.line),
        password: None,
        username: None,
        one_time: None,
        notes: None,
        fields: Vec::new(),
        tags: Cow::Owned(strings(item, "tags").collect::<Vec<_>>().join(",")),
        omitted: item.unread(&ITEM),
    };
    let tags = item.get("tags").and_then(Node::list).unwrap_or_default();
    if tags.iter().any(|tag| tag.text().is_none() && !tag.is_vacant()) {
        record.omitted.push(Cow::Borrowed("tags"));
    }
    for url in item.get("urls").and_then(Node::list).unwrap_or_default() {
        record.omitted.extend(url.unread(&URL));
        record.fields.extend(url.get("href").and_then(Node::text).map(|href| (Cow::Borrowed("URL"), &**href)));
    }
    for field in item.get("fields").and_then(Node::list).unwrap_or_default() {
        add(field, &mut record);
    }
    record
}

fn add<'n>(field: &'n Node, record: &mut Record<'n>) {
    record.omitted.extend(field.unread(&FIELD));
    record.omitted.extend(field.get("password_details").map_or(Vec::new(), |details| details.unread(&DETAILS)));
    let Some(value) = field.get("value").and_then(Node::text).map(|value| &**value) else { return };
    let place = match (string(field, "id"), string(field, "purpose"), string(field, "type")) {
        ("password" | "credential", ..) | (_, "PASSWORD", _) => &mut record.password,
        ("username", ..) | (_, "USERNAME", _) => &mut record.username,
        ("notesPlain", ..) | (_, "NOTES", _) => &mut record.notes,
        (_, _, "OTP") => &mut record.one_time,
        _ => &mut None,
    };
    // A second password in an item is treated like any other field.
    let is_named = ["password", "credential", "username", "notesPlain"].contains(&string(field, "id"))
        || !string(field, "purpose").is_empty()
        || string(field, "type") == "OTP";
    if is_named && place.is_none() {
        *place = Some(value);
        return;
    }
    let section = field.get("section").map_or("", |section| string(section, "label"));
    let label = match (section, string(field, "label")) {
        ("", "") => Cow::Borrowed(string(field, "id")),
        ("", label) => Cow::Borrowed(label),
        (section, label) => Cow::Owned(format!("{section} {label}")),
    };
    record.fields.push((label, value));
}

fn string<'n>(node: &'n Node, name: &str) -> &'n str {
    node.get(name).and_then(Node::text).and_then(|text| text.as_str()).unwrap_or_default()
}

fn strings<'n>(node: &'n Node, name: &str) -> impl Iterator<Item = &'n str> {
    let nodes = node.get(name).and_then(Node::list).unwrap_or_default();
    nodes.iter().filter_map(|node| node.text()?.as_str())
}
