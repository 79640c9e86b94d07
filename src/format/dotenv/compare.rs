//! What the readers whose reading was not taken make of the same file.

use super::{Dialect, References};
use adotenv::{Document, Entry, LookupIndex, Quote};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// The readers `dialect` is compared with. Docker's is left out: it keeps every quote and comment as part of the value,
/// so it would differ on most lines of a file not written for it.
fn compared(dialect: Dialect) -> impl Iterator<Item = Dialect> {
    [Dialect::Node, Dialect::Python, Dialect::Compose].into_iter().filter(move |other| *other != dialect)
}

/// The same source as it reaches each of the other readers.
pub(super) fn read_by_others(source: &str, dialect: Dialect) -> Vec<(Dialect, Zeroizing<String>)> {
    compared(dialect).map(|other| (other, other.reads(source))).collect()
}

/// What the other readers make of it.
pub(super) fn parse_others(sources: &[(Dialect, Zeroizing<String>)]) -> Vec<(Dialect, Document<'_>)> {
    sources.iter().map(|(other, source)| (*other, adotenv::parse_with(source, other.grammar()).0)).collect()
}

/// The other readers' documents, indexed.
pub(super) struct OtherReadings<'a> {
    chosen: Dialect,
    readings: Vec<Reading<'a>>,
}

struct Reading<'a> {
    dialect: Dialect,
    winners: LookupIndex<'a>,
    lines: BTreeSet<usize>,
}

impl<'a> OtherReadings<'a> {
    pub(super) fn new(chosen: Dialect, documents: &'a [(Dialect, Document<'a>)]) -> Self {
        let readings = documents.iter().map(|(dialect, document)| Reading {
            dialect: *dialect,
            winners: document.lookup_index(),
            lines: document.entries().filter(|entry| entry.value().is_some()).map(Entry::line).collect(),
        });
        Self { chosen, readings: readings.collect() }
    }

    /// What to say of an entry that another reader takes otherwise, if one does.
    pub(super) fn disagreement(&self, entry: Entry<'_>, references: References) -> Option<String> {
        let mut differing = Vec::new();
        let mut expanding = Vec::new();
        if expands(self.chosen, entry) {
            expanding.push(self.chosen);
        }
        for reading in &self.readings {
            match reading.winners.get_entry(entry.key()) {
                Some(other) if other.value() == entry.value() => {
                    if expands(reading.dialect, other) {
                        expanding.push(reading.dialect);
                    }
                }
                _ => differing.push(reading.dialect),
            }
        }
        if !differing.is_empty() {
            let chosen = self.chosen;
            return Some(format!("{chosen} reads it differently from {}; took {chosen}'s", list(&differing)));
        }
        if references == References::Expand || expanding.is_empty() {
            return None;
        }
        let verb = if expanding.len() == 1 { "expands" } else { "expand" };
        Some(format!("{} {verb} the $ in it; kept as it stands", list(&expanding)))
    }

    /// The readers that find an assignment on this line, counted from 1.
    pub(super) fn assigning_on(&self, line: usize) -> Vec<Dialect> {
        self.readings.iter().filter(|reading| reading.lines.contains(&line)).map(|reading| reading.dialect).collect()
    }
}

/// Whether this reader replaces something in the value by its own rules.
fn expands(dialect: Dialect, entry: Entry<'_>) -> bool {
    let value = entry.value().unwrap_or_default();
    match dialect {
        Dialect::Python => python_interpolates(value),
        Dialect::Compose => entry.quote() != Quote::Single && compose_interpolates(value),
        Dialect::Node | Dialect::Docker => false,
    }
}

/// Whether python-dotenv replaces something in `value`, whatever quotes it stood in: `${NAME}` and `${NAME:-default}`,
/// the pattern `\$\{[^\}:]*(?::-[^\}]*)?\}` of its `variables.py`.
///
/// A name ends at the first `}` or `:` after its `${`. Going from one such end to the next keeps this linear.
pub(in crate::format) fn python_interpolates(value: &str) -> bool {
    let Some(last_brace) = value.rfind('}') else { return false };
    let mut start = 0;
    for (end, sign) in value.match_indices(['}', ':']) {
        let closed = sign == "}" || (value[end + 1..].starts_with('-') && end < last_brace);
        if closed && value[start..end].contains("${") {
            return true;
        }
        start = end + 1;
    }
    false
}

/// Whether Compose replaces something in `value`, outside single quotes: `$$`, `$NAME` or `${...}`.
fn compose_interpolates(value: &str) -> bool {
    value.match_indices('$').any(|(at, _)| {
        value[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || matches!(next, '_' | '{' | '$'))
    })
}

/// `node`, `node and python`, `node, python and compose`.
pub(super) fn list(dialects: &[Dialect]) -> String {
    let names: Vec<&str> = dialects.iter().map(|dialect| dialect.name()).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
