//! Reads `.env` files as their usual readers do.
//!
//! There is no standard: node's `dotenv`, `python-dotenv`, Docker Compose and `docker run --env-file` disagree about
//! `#`, quotes, escapes and `$`. The caller chooses the reader to follow, and each line that another reader would read
//! differently gets a note. The grammars come from the `adotenv` crate; tests here compare them with the real readers.

pub(super) mod compare;
mod dialect;
pub(super) mod expand;
mod left_out;
mod steps;

pub use dialect::{Dialect, References};

use crate::error::{Error, Remedy, Result};
use crate::format::lines::Lines;
use crate::format::{Entry, Imported, Note};
use crate::ordered::InOrder as _;
use adotenv::{Diagnostic, Document, Quote, Severity};
use compare::OtherReadings;

/// Reads a `.env` file as `dialect` does.
///
/// If a name is set twice, the last value counts, as for the readers. Lines that set nothing are left out and noted.
///
/// # Errors
/// Input that is not UTF-8 or has too many lines; a file that the dialect's reader refuses; a PEM block without quotes,
/// because a reader would take only its first line; references that expand to more than 1 MiB or nest too deeply.
pub fn parse(source: &[u8], dialect: Dialect, references: References) -> Result<Imported> {
    let source = text(source)?;
    let read = dialect.reads(source);
    let document = document(&read, dialect)?;
    let others = OtherReadings::new(source, dialect, &document);
    let mut imported = Imported::default();
    for entry in document.effective_entries() {
        if let Some((message, is_only_expanded)) = others.disagreement(entry.entry(), references) {
            let note = Note::new(entry.line(), Some(entry.key().to_owned()), message);
            // For the other reader, `#` may begin no comment: `A=pass#word`.
            let is_left_out = !is_only_expanded && entry.entry().inline_comment().is_some();
            imported.notes.push(Note { is_only_expanded, is_left_out, ..note });
        }
    }
    imported.entries = values(&document);
    if references == References::Expand {
        expand_references(&document, dialect, &mut imported)?;
    }
    left_out::note(&document, dialect, &others, &mut imported.notes);
    imported.notes.sort_by_line();
    Ok(imported)
}

/// Reads a `.env` file as `dialect` does, without notes. See [`parse`].
///
/// # Errors
/// As for [`parse`].
pub fn entries(source: &[u8], dialect: Dialect) -> Result<Vec<Entry>> {
    let read = dialect.reads(text(source)?);
    document(&read, dialect).map(|document| values(&document))
}

/// Returns the effective entries, in the order of the file.
fn values(document: &Document<'_>) -> Vec<Entry> {
    let entry = |entry: adotenv::EffectiveEntry<'_>| Entry::new(entry.key(), entry.value().into(), entry.line());
    let mut entries: Vec<Entry> = document.effective_entries().map(entry).collect();
    entries.order_by_key(|entry| entry.line);
    entries
}

/// The most lines in a file. Even an empty line takes some hundred bytes of memory while the file is read.
const MAX_LINES: usize = 200_000;
/// The most backslashes in a file. Each may be an escape, which takes memory as well.
const MAX_ESCAPES: usize = 1_000_000;

/// Parses the file for its reader, unless the reader would refuse it.
pub(super) fn document(read: &str, dialect: Dialect) -> Result<Document<'_>> {
    let count = |sign: u8| read.bytes().filter(|byte| *byte == sign).count();
    if count(b'\n').max(count(b'\r')) > MAX_LINES || count(b'\\') > MAX_ESCAPES {
        return Err(Error::usage("the file has more than 200,000 lines or 1,000,000 backslashes")
            .hint("check that it is the right file: no .env file has that many"));
    }
    let (document, diagnostics) = adotenv::parse_with(read, dialect.grammar());
    let last_end = read.rfind("-----END ");
    for entry in document.effective_entries() {
        refuse_cut_block(entry.entry(), last_end, dialect)?;
    }
    refuse_as_reader(&diagnostics, dialect)?;
    expand::check(&document, dialect)?;
    Ok(document)
}

/// Refuses the files that the reader refuses. Docker and Compose read no line of a file if they can't read one of them.
fn refuse_as_reader(diagnostics: &[Diagnostic], dialect: Dialect) -> Result<()> {
    if !matches!(dialect, Dialect::Compose | Dialect::Docker) {
        return Ok(());
    }
    match diagnostics.iter().find(|diagnostic| diagnostic.severity() == Severity::Error) {
        None => Ok(()),
        Some(first) => Err(Error::usage(format!("{dialect} refuses the whole file because of line {}", first.line()))
            .hint(("fix that line, or name the dialect: ", Remedy::Dialect("NAME")))),
    }
}

/// Returns the source as UTF-8.
pub(super) fn text(source: &[u8]) -> Result<&str> {
    if source.starts_with(&[0xff, 0xfe]) || source.starts_with(&[0xfe, 0xff]) {
        return Err(Error::usage("the file is UTF-16").hint("save it as UTF-8"));
    }
    std::str::from_utf8(source).map_err(|error| {
        let valid = std::str::from_utf8(&source[..error.valid_up_to()]).unwrap_or_default();
        let line = Lines::new(valid).number_at(valid.len());
        Error::usage(format!("line {line} is not UTF-8")).hint((
            "save the file as UTF-8; a binary value goes in with `",
            Remedy::SetFromFile,
            "`",
        ))
    })
}

/// Refuses a PEM block without quotes. The value would end with its first line, and the rest would be lost or read as
/// names. `last_end` is the position of the last `-----END` in the file.
fn refuse_cut_block(entry: adotenv::Entry<'_>, last_end: Option<usize>, dialect: Dialect) -> Result<()> {
    let value = entry.value().unwrap_or_default();
    let begins = value.trim_start_matches(['"', '\'', '`']).starts_with("-----BEGIN ");
    let goes_on = last_end.is_some_and(|end| end >= entry.line_span().end);
    if entry.quote() != Quote::None || !begins || value.contains("-----END ") || !goes_on {
        return Ok(());
    }
    let hint = match dialect {
        Dialect::Docker => "such a file has one line per value: use `",
        _ => "put the whole block between double quotes, or use `",
    };
    Err(Error::usage(format!("line {} starts a PEM block, but {dialect} reads only that line", entry.line())).hint((
        hint,
        Remedy::SetFromFile,
        "`",
    )))
}

/// Replaces the references in the imported values.
fn expand_references(document: &Document<'_>, dialect: Dialect, imported: &mut Imported) -> Result<()> {
    let mut expanded = expand::expand(document, dialect, expand::Unset::Keep)?;
    for entry in &mut imported.entries {
        let Some(expanded) = expanded.remove(&entry.name) else { continue };
        entry.value = expanded.value.as_str().into();
        if expanded.is_kept {
            let message = "a $ reference is kept as written: no line above sets it";
            imported.notes.push(Note::new(entry.line, Some(entry.name.clone()), message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
