//! Writes an environment as a text, with the lines in it that report conflicts.
//!
//! Only vault reads the text again. So it may contain values that other readers of .env files would interpret, above
//! all `${...}`, which is shown as it is and never expanded.

use crate::error::Result;
use crate::format::dotenv::{self, Dialect};
use crate::format::export::{self, Format, Reader, Target};
use crate::item::{Content, Item};
use crate::name::{EnvironmentName, ItemName};
use crate::ordered::InOrder as _;
use crate::secret::SecretBytes;
use std::collections::BTreeSet;
use std::ops::Range;
use zeroize::Zeroizing;

/// The reader whose syntax the lines follow: [`Dialect::Node`] expands nothing.
const TARGET: Target<'static> = Target { format: Format::Dotenv, reader: Some(Reader::Node), name: None };
/// The start of a line about a conflict; the item's name follows.
const CONFLICT: &str = "# conflict ";

/// The format that can hold the items of a text.
#[must_use]
pub fn carried_by() -> Target<'static> {
    TARGET
}

pub(super) fn of_environment(
    environment: &EnvironmentName,
    shown: &Content,
    others: &BTreeSet<ItemName>,
) -> Result<SecretBytes> {
    let mut heading = format!(
        "# {environment}: change values, add or remove lines; save and quit. Without changes, nothing is written.\n"
    );
    if !others.is_empty() {
        let names: Vec<_> = others.iter().map(ItemName::as_str).collect();
        let names = names.join(", ");
        heading += &format!("# Left out, because a .env line can't hold them; edit each by name: {names}\n");
    }
    let lines = lines(shown.items().values())?;
    Ok(joined(&[heading.as_bytes(), b"\n", &lines]))
}

fn lines<'a>(items: impl Iterator<Item = &'a Item>) -> Result<SecretBytes> {
    let items: Vec<_> = items.map(exported).collect();
    export::write(TARGET, &items)
}

/// Leaves the note out: it would be a comment, and a user might expect that editing the comment changes the note.
fn exported(item: &Item) -> export::Item<'_> {
    export::Item { name: item.name.as_str(), value: &item.current.value, is_variable: false, note: None }
}

/// Returns the lines that report what the vault now has of an item.
fn conflict_lines(name: &ItemName, now: Option<&Item>) -> SecretBytes {
    let prefix = format!("{CONFLICT}{name}: ");
    let mut lines = Zeroizing::new(Vec::new());
    let mut add = |line: &[u8]| {
        lines.extend_from_slice(prefix.as_bytes());
        lines.extend_from_slice(line);
        lines.push(b'\n');
    };
    match now {
        None => add(b"it was removed in the meantime"),
        Some(item) => {
            add(format!("{} changed it in the meantime; the vault now has", item.updated_by).as_bytes());
            match self::lines(std::iter::once(item)) {
                Ok(text) => text.trim_ascii_end().split(|byte| *byte == b'\n').for_each(&mut add),
                Err(_) => add(b"a value that no .env line can hold"),
            }
        }
    }
    add(b"to save what you have below, delete these lines");
    SecretBytes::new(lines.to_vec())
}

/// Inserts lines about these items into the text, each above the item's own line, or at the top if it has none.
pub(super) fn with_conflicts(text: &[u8], conflicts: &[(&ItemName, Option<&Item>)]) -> Result<SecretBytes> {
    let entries = dotenv::entries(text, Dialect::Node)?;
    let mut places: Vec<(usize, SecretBytes)> = Vec::new();
    for (name, now) in conflicts {
        // If a name has several lines, the last one counts.
        let line = entries.iter().rev().find(|entry| entry.name == name.as_str()).map_or(1, |entry| entry.line);
        places.push((start_of_line(text, line), conflict_lines(name, *now)));
    }
    places.order_by_key(|(at, _)| *at);
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut from = 0;
    for (at, lines) in &places {
        parts.extend([&text[from..*at], &lines[..]]);
        from = *at;
    }
    parts.push(&text[from..]);
    Ok(joined(&parts))
}

fn start_of_line(text: &[u8], line: usize) -> usize {
    let mut starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text).map(|end| end + 1));
    starts.nth(line.saturating_sub(1)).unwrap_or(text.len())
}

/// Returns where the lines about a conflict of this item are.
fn conflict_ranges(text: &[u8], name: &ItemName) -> Vec<Range<usize>> {
    let prefix = format!("{CONFLICT}{name}: ");
    let mut ranges = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.len();
        if line.starts_with(prefix.as_bytes()) {
            ranges.push(start..end);
        }
        start = end;
    }
    ranges
}

/// Returns whether the text still reports a conflict of this item.
pub(super) fn tells_of(text: &[u8], name: &ItemName) -> bool {
    !conflict_ranges(text, name).is_empty()
}

/// Returns the text without the lines about conflicts of these items.
pub(super) fn without_conflicts<'a>(text: &[u8], names: impl Iterator<Item = &'a ItemName>) -> SecretBytes {
    let mut ranges: Vec<_> = names.flat_map(|name| conflict_ranges(text, name)).collect();
    ranges.order_by_key(|range| range.start);
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut from = 0;
    for range in ranges {
        parts.push(&text[from..range.start]);
        from = range.end;
    }
    parts.push(&text[from..]);
    joined(&parts)
}

/// Joins the parts in memory of the right size, so that growing leaves no copy behind.
pub(super) fn joined(parts: &[&[u8]]) -> SecretBytes {
    let mut text = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| text.extend_from_slice(part));
    SecretBytes::new(text)
}
