//! An environment as a text, and the lines in it that tell of a conflict.
//!
//! Only this program reads the text again, so a value may stand there that other readers of .env files would take otherwise:
//! a `${...}` above all, which is shown as it is and never expanded.

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

/// The reader whose spelling the lines have: [`Dialect::Node`] expands nothing.
const TARGET: Target<'static> = Target { format: Format::Dotenv, reader: Some(Reader::Node), name: None };
/// What lines about a conflict begin with, before the item's name.
const CONFLICT: &str = "# conflict ";

/// How a line can hold the items of a text: for [`crate::vault::Unread::uncarried`].
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

/// Without its note: each would be a comment that seems to be changed by changing it.
fn exported(item: &Item) -> export::Item<'_> {
    export::Item { name: item.name.as_str(), value: &item.current.value, is_variable: false, note: None }
}

/// The lines that tell what the vault has of an item now.
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

/// The text with lines about these items, each above the item's own line; at the top where it has none.
pub(super) fn with_conflicts(text: &[u8], conflicts: &[(&ItemName, Option<&Item>)]) -> Result<SecretBytes> {
    let entries = dotenv::entries(text, Dialect::Node)?;
    let mut places: Vec<(usize, SecretBytes)> = Vec::new();
    for (name, now) in conflicts {
        // Of several lines of one name the last counts.
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

/// The lines about a conflict of this item.
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

/// Whether the text still tells of a conflict of this item.
pub(super) fn tells_of(text: &[u8], name: &ItemName) -> bool {
    !conflict_ranges(text, name).is_empty()
}

/// The text without what it tells of conflicts of these items.
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

/// Its memory is taken at once, so that no copy is left behind by growing.
pub(super) fn joined(parts: &[&[u8]]) -> SecretBytes {
    let mut text = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| text.extend_from_slice(part));
    SecretBytes::new(text)
}
