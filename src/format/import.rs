//! Reads the files that people already have: `.env` files, JSON, YAML, TOML, `.tfvars` and `.properties` files, lists
//! of `NAME=value`, and the exports of password managers.
//!
//! Kubernetes Secrets and ConfigMaps, and the output of `sops -d`, `doppler secrets download`, `docker inspect`, `op
//! item get` and Bitwarden, are recognized by their contents.

mod bitwarden;
mod comments;
mod csv;
mod json;
mod kubernetes;
mod one_password;
mod plain;
mod properties;
mod records;
mod shapes;
mod sops;
mod tfvars;
mod toml;
mod tree;
mod yaml;

pub use plain::plain;

use crate::error::{Error, Reason, Result};
use crate::format::dotenv::{self, Dialect, References};
use crate::format::source::Source;
use crate::format::{Entry, Imported, Note, kind};
use crate::ordered::Ordered as _;
use std::collections::BTreeMap;

/// Options for reading a file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The reader that a `.env` file is read for.
    pub dialect: Dialect,
    /// How to treat `$NAME` in a `.env` file.
    pub references: References,
    /// The text that joins nested names. Without it, a group of values is an error.
    pub flatten: Option<&'a str>,
}

/// Detects the syntax of a file. The ending of its name decides (`.json`, `.yaml`, `.yml`, `.toml`, `.csv`, `.tfvars`,
/// `.properties`), even if `.example` or the like follows. With any other name, or none, the contents decide: the file
/// is JSON if it begins with `{`, or with `[` before `"`, `{` or `]`, YAML if it is a Kubernetes object, and otherwise
/// a `.env` file. Other YAML and TOML are never guessed from the contents, because `A: b` and `A = "b"` are lines of a
/// `.env` file as well.
///
/// # Errors
/// A file whose name or contents show that it is of a kind that vault can't import.
pub(crate) fn detect(file_name: Option<&str>, bytes: &[u8]) -> Result<Source> {
    kind::detect(file_name, bytes)
}

pub(crate) const BOM: &str = "\u{feff}";

/// Reads a file of this syntax. If a name occurs twice, the last value counts, and the other one is noted.
///
/// # Errors
/// Input that is not UTF-8 or not of this syntax, with its line; a file that is still encrypted by sops or Bitwarden; a
/// group of values without [`Options::flatten`], with its name; a list without names.
pub fn read(source: Source, bytes: &[u8], options: &Options<'_>) -> Result<Imported> {
    if source == Source::Yaml && options.flatten.is_none() {
        kind::refuse_compose(text(bytes)?)?;
    }
    let imported = match source {
        Source::Dotenv => dotenv::parse(bytes, options.dialect, options.references)?,
        Source::Csv => csv::read(text(bytes)?)?,
        Source::Json => shapes::read(json::parse(text(bytes)?)?, options.flatten)?,
        Source::Yaml => shapes::read_documents(yaml::parse(text(bytes)?)?, options.flatten)?,
        Source::Toml => shapes::read(toml::parse(text(bytes)?)?, options.flatten)?,
        Source::Tfvars => shapes::read(tfvars::parse(text(bytes)?)?, options.flatten)?,
        Source::Properties => properties::read(text(bytes)?)?,
    };
    sops::refuse_values(&imported)?;
    if source == Source::Dotenv && imported.entries.is_empty() && imported.notes.is_anything_left_out() {
        return Err(Error::new(Reason::UnknownFormat, "no line of the file is NAME=value").hint(kind::hint()));
    }
    Ok(without_doppler(last_of_each(imported)))
}

/// Notes the comments that look like values. They stay in the file.
pub(crate) fn note_comments(source: Source, bytes: &[u8], imported: &mut Imported) -> Result<()> {
    comments::note(source, text(bytes)?, imported);
    Ok(())
}

fn text(bytes: &[u8]) -> Result<&str> {
    dotenv::text(bytes).map(|text| text.strip_prefix(BOM).unwrap_or(text))
}

/// Keeps the last entry of each name, and notes the others.
fn last_of_each(imported: Imported) -> Imported {
    let last: BTreeMap<String, usize> =
        imported.entries.iter().enumerate().map(|(index, entry)| (entry.name.clone(), index)).ordered();
    let lines: Vec<usize> = imported.entries.iter().map(|entry| entry.line).collect();
    let mut kept = Imported { entries: Vec::new(), notes: imported.notes };
    for (index, entry) in imported.entries.into_iter().enumerate() {
        match last.get(&entry.name) {
            Some(last) if *last != index => {
                let message = format!("set again on line {}; took the last", lines[*last]);
                kept.notes.push(Note::replaced(entry.line, entry.name, message));
            }
            _ => kept.entries.push(entry),
        }
    }
    kept.notes.sort_by_line();
    kept
}

/// Leaves out the three names that `doppler secrets download` adds to say where the values come from.
fn without_doppler(mut imported: Imported) -> Imported {
    const ADDED: [&str; 3] = ["DOPPLER_PROJECT", "DOPPLER_ENVIRONMENT", "DOPPLER_CONFIG"];
    let is_added = |entry: &Entry| ADDED.contains(&entry.name.as_str());
    if imported.entries.iter().filter(|entry| is_added(entry)).count() < ADDED.len() {
        return imported;
    }
    let (added, entries) = imported.entries.into_iter().partition(is_added);
    imported.entries = entries;
    for entry in added {
        imported.notes.push(Note::left_out(entry.line, Some(entry.name), "added by doppler, not a secret"));
    }
    imported.notes.sort_by_line();
    imported
}

#[cfg(test)]
mod tests;
