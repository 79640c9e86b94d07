//! Expands the references in a `.env` file with values from the same file, as each reader does it.
//!
//! The readers agree on little more than `${NAME}`. npm's `dotenv-expand` reads `\$` as a dollar sign and expands its
//! result again. `python-dotenv` knows only `${NAME}` and `${NAME:-default}`, in any quotes. Compose reads `$$` as a
//! dollar sign and refuses the whole file for a `${` that it can't parse. Docker expands nothing. All of them replace a
//! name that no line above sets by an empty string, or by a value from outside the file. Here such a reference is kept,
//! and the caller reports it.

mod compose;
mod node;
mod python;

use super::Dialect;
use crate::error::{Error, Hint, Remedy, Result};
use adotenv::Document;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What to do with a reference that has no default and whose name no line above sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Unset {
    /// Keep it as written.
    Keep,
    /// Replace it by an empty string, as the readers do.
    Empty,
}

/// An expanded value.
pub(in crate::format) struct Expanded {
    pub(in crate::format) value: Zeroizing<String>,
    /// Whether a reference in it was kept as written.
    pub(in crate::format) is_kept: bool,
}

/// The values of the lines above, by name.
type Known = BTreeMap<String, Zeroizing<String>>;

/// The largest expanded value, in bytes.
const MAX_VALUE: usize = 1 << 20;
/// The largest sum of all expanded values of a file, in bytes.
const MAX_TOTAL: usize = 64 << 20;
/// The deepest nesting of defaults.
const MAX_DEPTH: usize = 64;

/// The reason why a value can't be expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// It needs a value that no line above sets.
    Missing,
    /// Its reader would refuse the whole file.
    Invalid,
    /// It nests too deeply, or has too many references.
    TooDeep,
    /// The value or the whole file would be too large.
    TooLarge,
}

impl Failure {
    /// Makes the error. It has no text from the file except the name: a default or a message may be a secret.
    fn of(self, name: &str, dialect: Dialect) -> Error {
        let what = match self {
            Self::Missing => "needs a value that no line above sets".to_owned(),
            Self::Invalid => format!("holds a $ that makes {dialect} refuse the whole file"),
            Self::TooDeep => "holds references nested too deep, or too many".to_owned(),
            Self::TooLarge => "expands to more than 1 MiB, or makes the file expand to more than 64 MiB".to_owned(),
        };
        let hint = match self {
            Self::Invalid => ("write $$ for a dollar sign, or name another reader: ", Remedy::Dialect("NAME")).into(),
            Self::Missing | Self::TooDeep | Self::TooLarge => Hint::from("import without expanding: that keeps each $"),
        };
        Error::usage(format!("{name} {what}")).hint(hint)
    }
}

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
        let value = value.map_err(|failure| failure.of(name, dialect))?;
        total += value.value.len();
        if value.value.len() > MAX_VALUE || total > MAX_TOTAL {
            return Err(Failure::TooLarge.of(name, dialect));
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
            return Err(Failure::Invalid.of(entry.key(), dialect));
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

fn copy(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

/// Appends text. If the memory must grow, the old memory is wiped.
fn append(out: &mut Zeroizing<String>, text: &str) {
    let needed = out.len() + text.len();
    if needed > out.capacity() {
        let mut larger = Zeroizing::new(String::with_capacity(needed.max(2 * out.capacity())));
        larger.push_str(out);
        *out = larger;
    }
    out.push_str(text);
}

/// Returns whether `c` may stand in a name after a dollar sign. A digit may not be the first character.
fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Returns the variable name at the start of `text`, which may be empty.
fn leading_name(text: &str) -> &str {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return "";
    }
    let end = text.find(|c| !is_name_character(c)).unwrap_or(text.len());
    &text[..end]
}
