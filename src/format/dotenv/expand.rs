//! Replacing the references of a `.env` file by values of the same file, as each reader does it.
//!
//! The readers agree on little more than `${NAME}`. npm's `dotenv-expand` takes `\$` for a dollar sign and looks at the
//! result again; `python-dotenv` knows `${NAME}` and `${NAME:-default}` alone, in any quotes; Compose takes `$$` for a
//! dollar sign and refuses the file for a `${` that it can't read; docker replaces nothing. What no line above sets is
//! empty for all of them, or comes from outside of the file. Here it stays as it stands, and the caller says so.

mod compose;
mod node;
mod python;

use super::Dialect;
use crate::error::{Error, Hint, Remedy, Result};
use adotenv::Document;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What becomes of a reference without a default to a name that no line above sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Unset {
    /// It stays as it stands.
    Keep,
    /// It is replaced by nothing, as the readers do it.
    Empty,
}

/// A value after its references were replaced.
pub(in crate::format) struct Expanded {
    pub(in crate::format) value: Zeroizing<String>,
    /// Whether a reference stays in it as it stands.
    pub(in crate::format) is_kept: bool,
}

/// The values of the lines above, by name.
type Known = BTreeMap<String, Zeroizing<String>>;

/// The largest value that references may make.
const MAX_VALUE: usize = 1 << 20;
/// How much all values of a file may come to.
const MAX_TOTAL: usize = 64 << 20;
/// How deep defaults may nest.
const MAX_DEPTH: usize = 64;

/// Why a value can't be expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// It needs a value that no line above sets.
    Missing,
    /// Its reader refuses the whole file for it.
    Invalid,
    /// It nests too deep, or has too many references.
    TooDeep,
    /// It, or all of the file, would be too large.
    TooLarge,
}

impl Failure {
    /// No words of the file but the name: a default or a message in it may be a secret.
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

/// The expanded values of a file by name, of those that count.
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

/// What python-dotenv makes of one value where nothing is set.
pub(in crate::format) fn python_alone(value: &str) -> Option<Zeroizing<String>> {
    python::expand(value, &Known::new(), Unset::Empty).ok().map(|expanded| expanded.value)
}

/// Refuses a file for a `$` that makes its reader refuse it, whatever is to become of references.
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

/// The entries in the order in which the reader expands them. For node's they are the members of an object: a name that
/// is set twice has its last value in the place of its first.
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

/// Appends, and leaves no copy behind where the memory has to be larger.
fn append(out: &mut Zeroizing<String>, text: &str) {
    let needed = out.len() + text.len();
    if needed > out.capacity() {
        let mut larger = Zeroizing::new(String::with_capacity(needed.max(2 * out.capacity())));
        larger.push_str(out);
        *out = larger;
    }
    out.push_str(text);
}

/// Whether `c` can stand in a name behind a dollar sign; not as its first character, if it is a digit.
fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The name that `text` begins with, as programs know names of variables.
fn leading_name(text: &str) -> &str {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return "";
    }
    let end = text.find(|c| !is_name_character(c)).unwrap_or(text.len());
    &text[..end]
}
