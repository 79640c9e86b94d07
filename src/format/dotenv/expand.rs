//! Expands the references in a `.env` file with values from the same file, as each reader does it.
//!
//! The readers agree on little more than `${NAME}`. npm's `dotenv-expand` reads `\$` as a dollar sign and expands its
//! result again. `python-dotenv` knows only `${NAME}` and `${NAME:-default}`, in any quotes. Compose reads `$$` as a
//! dollar sign and refuses the whole file for a `${` that it can't parse. Docker expands nothing. All of them replace a
//! name that no line above sets by an empty string, or by a value from outside the file. Here such a reference is kept,
//! and the caller reports it.

mod compose;
mod expanded;
mod node;
mod python;
mod text;

pub(in crate::format) use expanded::{Expanded, Unset};

use super::Dialect;
use crate::error::Result;
use adotenv::Document;
use expanded::{Failure, Known, MAX_TOTAL, MAX_VALUE};
use std::collections::BTreeMap;
use text::copy;
use zeroize::Zeroizing;

/// Returns the expanded values of the effective entries, by name.
pub(in crate::format) fn expand(
    document: &Document<'_>,
    dialect: Dialect,
    unset: Unset,
) -> Result<BTreeMap<String, Expanded>> {
    let mut known = Known::new();
    let mut expanded = BTreeMap::new();
    let mut total = 0;
    for entry in in_order(document, dialect) {
        let name = entry.key();
        let value = match dialect {
            Dialect::Node => node::expand(entry.value().unwrap_or_default(), &known, unset),
            Dialect::Python => python::expand(entry.value().unwrap_or_default(), &known, unset),
            Dialect::Compose => compose::expand(entry, &known, unset),
            Dialect::Docker => Ok(Expanded { value: copy(entry.value().unwrap_or_default()), is_kept: false }),
        };
        let value = value.map_err(|failure| failure.into_error(name, dialect))?;
        total += value.value.len();
        if value.value.len() > MAX_VALUE || total > MAX_TOTAL {
            return Err(Failure::TooLarge.into_error(name, dialect));
        }
        known.insert(name.to_owned(), value.value.clone());
        expanded.insert(name.to_owned(), value);
    }
    Ok(expanded)
}

/// Returns what python-dotenv makes of a single value with no variables set.
pub(in crate::format) fn python_alone(value: &str) -> Option<Zeroizing<String>> {
    python::expand(value, &Known::new(), Unset::Empty).ok().map(|expanded| expanded.value)
}

/// Refuses a file with a `$` that its reader refuses, even if references are kept.
pub(in crate::format) fn check(document: &Document<'_>, dialect: Dialect) -> Result<()> {
    if dialect != Dialect::Compose {
        return Ok(());
    }
    let known = Known::new();
    for entry in document.entries() {
        if let Err(Failure::Invalid) = compose::expand(entry, &known, Unset::Keep) {
            return Err(Failure::Invalid.into_error(entry.key(), dialect));
        }
    }
    Ok(())
}

/// Returns the entries in the order in which the reader expands them. For node they are the properties of an object: a
/// name that is set twice has the position of its first entry and the value of its last.
fn in_order<'d>(document: &'d Document<'d>, dialect: Dialect) -> Vec<adotenv::Entry<'d>> {
    let entries = document.entries().filter(|entry| entry.participates_in_lookup());
    if dialect != Dialect::Node {
        return entries.collect();
    }
    let winners = document.lookup_index();
    let mut seen = std::collections::BTreeSet::new();
    let first = entries.filter(|entry| seen.insert(entry.key()));
    first.filter_map(|entry| winners.get_entry(entry.key())).collect()
}
