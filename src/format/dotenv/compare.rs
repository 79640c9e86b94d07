//! Compares how other readers would read the same file.

use super::{Dialect, References};
use crate::ordered::InOrder as _;
use adotenv::{Document, Entry, Quote};
use std::collections::BTreeMap;

/// Returns the readers to compare `dialect` with. Docker's is not among them: it keeps quotes and comments as part of
/// the value, so it would differ on most lines of a file that was not written for it.
fn compared(dialect: Dialect) -> impl Iterator<Item = Dialect> {
    [Dialect::Node, Dialect::Python, Dialect::Compose].into_iter().filter(move |other| *other != dialect)
}

/// How other readers would read the file. Each parses it in turn, and only the differences are kept, because a parsed
/// document is many times as large as the file.
pub(super) struct OtherReadings {
    chosen: Dialect,
    readings: Vec<Reading>,
}

/// How one of the readers would read the file.
struct Reading {
    dialect: Dialect,
    /// The differences, by the id of the chosen reader's entry.
    takes: BTreeMap<usize, Taken>,
    /// The lines with an assignment for this reader, in order.
    lines: Vec<usize>,
}

/// How a reader's result differs for an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// It has another value, or no such entry.
    Differently,
    /// It has the same value, but expands something in it.
    Expanded,
}

impl OtherReadings {
    pub(super) fn new(source: &str, chosen: Dialect, document: &Document<'_>) -> Self {
        let readings = compared(chosen).map(|dialect| Reading::new(dialect, source, document));
        Self { chosen, readings: readings.collect() }
    }

    /// Returns a note on an entry that another reader reads differently, if one does, and whether the only difference
    /// is in what it expands.
    pub(super) fn disagreement(&self, entry: Entry<'_>, references: References) -> Option<(String, bool)> {
        let mut differing = Vec::new();
        let mut expanding = Vec::new();
        if expands(self.chosen, entry) {
            expanding.push(self.chosen);
        }
        for reading in &self.readings {
            match reading.takes.get(&entry.id()) {
                Some(Taken::Differently) => differing.push(reading.dialect),
                Some(Taken::Expanded) => expanding.push(reading.dialect),
                None => {}
            }
        }
        if !differing.is_empty() {
            let chosen = self.chosen;
            return Some((format!("{chosen} reads it differently from {}; took {chosen}'s", list(&differing)), false));
        }
        if references == References::Expand || expanding.is_empty() {
            return None;
        }
        let verb = if expanding.len() == 1 { "expands" } else { "expand" };
        Some((format!("{} {verb} the $ in it; kept as written", list(&expanding)), true))
    }

    /// Returns the readers for which this line, counted from 1, is an assignment.
    pub(super) fn assigning_on(&self, line: usize) -> Vec<Dialect> {
        let assigning = self.readings.iter().filter(|reading| reading.lines.binary_search(&line).is_ok());
        assigning.map(|reading| reading.dialect).collect()
    }
}

impl Reading {
    fn new(dialect: Dialect, source: &str, chosen: &Document<'_>) -> Self {
        let read = dialect.reads(source);
        let (document, _) = adotenv::parse_with(&read, dialect.grammar());
        let winners = document.lookup_index();
        let mut takes = BTreeMap::new();
        for entry in chosen.effective_entries() {
            match winners.get_entry(entry.key()) {
                Some(other) if other.value() == Some(entry.value()) => {
                    if expands(dialect, other) {
                        takes.insert(entry.entry().id(), Taken::Expanded);
                    }
                }
                _ => {
                    takes.insert(entry.entry().id(), Taken::Differently);
                }
            }
        }
        let mut lines: Vec<usize> =
            document.entries().filter(|entry| entry.value().is_some()).map(Entry::line).collect();
        lines.order();
        Self { dialect, takes, lines }
    }
}

/// Returns whether this reader expands something in the value.
fn expands(dialect: Dialect, entry: Entry<'_>) -> bool {
    let value = entry.value().unwrap_or_default();
    match dialect {
        Dialect::Python => python_interpolates(value),
        Dialect::Compose => entry.quote() != Quote::Single && compose_interpolates(value),
        Dialect::Node | Dialect::Docker => false,
    }
}

/// Returns whether python-dotenv expands something in `value`, with any quotes: `${NAME}` and `${NAME:-default}`, the
/// pattern `\$\{[^\}:]*(?::-[^\}]*)?\}` of its `variables.py`.
///
/// A name ends at the first `}` or `:` after its `${`. The search goes from one such end to the next, which keeps it
/// linear.
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

/// Returns whether Compose expands something in `value`, outside single quotes: `$$`, `$NAME` or `${...}`.
fn compose_interpolates(value: &str) -> bool {
    value.match_indices('$').any(|(at, _)| {
        value[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || matches!(next, '_' | '{' | '$'))
    })
}

/// Returns a list in words: `node`, `node and python`, `node, python and compose`.
pub(super) fn list(dialects: &[Dialect]) -> String {
    let names: Vec<&str> = dialects.iter().map(|dialect| dialect.name()).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
