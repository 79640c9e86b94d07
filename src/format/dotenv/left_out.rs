//! Notes on the lines of a `.env` file that give no entry.

use super::Dialect;
use super::compare::{self, OtherReadings};
use crate::format::{Note, Notes};
use crate::ordered::Ordered as _;
use adotenv::{ColumnEncoding, Document, ItemKind};
use std::collections::BTreeMap;

/// Adds a note for each line that gives no entry. Such a line is never quoted, because it may be the rest of a secret.
pub(super) fn note(document: &Document<'_>, dialect: Dialect, others: &OtherReadings, notes: &mut Notes) {
    let winners: BTreeMap<&str, usize> =
        document.effective_entries().map(|entry| (entry.key(), entry.entry().id())).ordered();
    let lines = document.line_index();
    for item in document.items() {
        let start = item.content_span().start + leading_space(item.raw());
        let line = || lines.to_position(start, ColumnEncoding::Utf8).map_or(1, |position| position.line + 1);
        match (item.kind(), item.entry()) {
            (ItemKind::Comment, _) if item.raw().trim_end().contains('\r') => {
                let what = "a comment with a carriage return, which ends it for other programs";
                notes.push(Note::left_out(line(), None, what));
            }
            (ItemKind::Blank | ItemKind::Comment, _) => {}
            (ItemKind::Entry, Some(entry)) => {
                if let Some(note) = without_effect(document, entry, &winners, dialect) {
                    notes.push(note);
                }
            }
            _ => notes.push(Note::left_out(line(), None, no_assignment(line(), dialect, others))),
        }
    }
}

fn leading_space(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Returns a note for an entry without effect: one that is set again, a name alone, or a value without a name.
fn without_effect(
    document: &Document<'_>,
    entry: adotenv::Entry<'_>,
    winners: &BTreeMap<&str, usize>,
    dialect: Dialect,
) -> Option<Note> {
    let line = entry.line();
    let unnamed = |what: &str| Some(Note::left_out(line, None, what));
    if entry.value().is_none() {
        return match dialect {
            Dialect::Compose | Dialect::Docker => unnamed("a name alone, which gets its value at run time"),
            Dialect::Node | Dialect::Python => unnamed("sets no value"),
        };
    }
    if entry.key().is_empty() {
        return unnamed("sets a value without a name");
    }
    let name = entry.key().to_owned();
    match winners.get(entry.key()) {
        Some(winner) if *winner == entry.id() => None,
        Some(winner) => {
            let last = document.entry(*winner).map_or(line, adotenv::Entry::line);
            Some(Note::replaced(line, name, format!("set again on line {last}; took the last, as {dialect} does")))
        }
        None => Some(Note::left_out(
            line,
            Some(name),
            match entry.participates_in_lookup() {
                true => format!("a later line removes its value, as {dialect} reads it"),
                false => format!("{dialect} ignores this name"),
            },
        )),
    }
}

fn no_assignment(line: usize, dialect: Dialect, others: &OtherReadings) -> String {
    match others.assigning_on(line).as_slice() {
        [] => "not an assignment".to_owned(),
        readers => format!("not an assignment for {dialect}, but one for {}", compare::list(readers)),
    }
}
