//! Describes conflicts: what each side has.

use crate::cli::showing::words::ago;
use vault::item::Outline;
use vault::name::{ItemName, NamedItem};
use vault::time::Time;
use vault::vault::{Conflict, Names, Side};

/// Describes a conflict, with who changed the item and when on each side.
pub fn conflict(conflict: &Conflict<'_>, sides: &Names) -> Vec<String> {
    let names: Vec<_> = conflict.names().into_iter().map(ItemName::as_str).collect();
    let absent = if what_is_new(conflict).is_some() { "not there" } else { "removed" };
    let lines = Side::BOTH.map(|side| {
        let items: Vec<String> = conflict.items(side).map(changed).collect();
        (side, if items.is_empty() { absent.to_owned() } else { items.join("; ") })
    });
    let items = NamedItem::within(conflict.environment(), names.join(", "));
    self::sides(format!("{items}: {}", what(conflict, sides)), lines, sides)
}

/// Returns a line, and below it what each side has.
pub fn sides(first: String, lines: [(Side, String); 2], names: &Names) -> Vec<String> {
    let lines = lines.map(|(side, has)| (format!("{}:", names.words(side)), has));
    let width = lines.iter().map(|(side, _)| side.chars().count()).max().unwrap_or_default();
    let has = lines.iter().map(|(side, has)| format!("  {side:<width$} {has}"));
    std::iter::once(first).chain(has).collect()
}

fn what(conflict: &Conflict<'_>, sides: &Names) -> String {
    let fields: Vec<_> = conflict.fields().iter().map(ToString::to_string).collect();
    let fields = fields.join(", ");
    let [ours, theirs] = Side::BOTH.map(|side| conflict.is_changed_by(side));
    match (fields.as_str(), ours, theirs) {
        ("", ..) if conflict.is_about_names() => "several items claim the same name".to_owned(),
        ("", ours, theirs) => match (what_is_new(conflict), ours, theirs) {
            (Some(side), ..) => format!("only {} has it", sides.words(side)),
            (None, true, false) => format!("{} removed it", sides.words(Side::Ours)),
            (None, false, true) => format!("{} removed it", sides.words(Side::Theirs)),
            (None, ..) => "changed on one side and removed on the other".to_owned(),
        },
        (fields, true, false) => format!("{} changed its {fields}", sides.words(Side::Ours)),
        (fields, false, true) => format!("{} changed its {fields}", sides.words(Side::Theirs)),
        (fields, ..) => format!("both sides changed its {fields}"),
    }
}

/// Returns the side that has added an item, if that is what has to be decided.
fn what_is_new(conflict: &Conflict<'_>) -> Option<Side> {
    let is_on = |side| conflict.items(side).next().is_some();
    let [ours, theirs] = Side::BOTH.map(|side| is_on(side) && conflict.is_changed_by(side));
    match (ours && !is_on(Side::Theirs), theirs && !is_on(Side::Ours)) {
        (true, _) if !conflict.is_changed_by(Side::Theirs) => Some(Side::Ours),
        (_, true) if !conflict.is_changed_by(Side::Ours) => Some(Side::Theirs),
        _ => None,
    }
}

fn changed(item: Outline<'_>) -> String {
    let (name, version, by) = (item.name(), item.current().number(), item.updated_by());
    format!("{name} version {version} by {by}, {}", ago(item.updated_at(), Time::now()))
}
