//! Reading `.env` files as their usual readers do.
//!
//! There is no standard: node's `dotenv`, `python-dotenv`, Docker Compose and `docker run --env-file` disagree about
//! `#`, quotes, escapes and `$`. The caller chooses whose reading counts, and each line that another of them would
//! read otherwise is noted. The grammars come from the `adotenv` crate, compared here with the real readers by test.

pub(super) mod compare;

use crate::error::{Error, Result};
use crate::format::{Entry, Imported, Note};
use adotenv::{ColumnEncoding, Document, ExpandOptions, ItemKind, Quote, ResolvedSegment, ResolvedSegmentKind};
use compare::OtherReadings;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// Whose reading of a `.env` file counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// The npm package `dotenv`.
    #[default]
    Node,
    /// The Python package `python-dotenv`.
    Python,
    /// Docker Compose's `env_file`.
    Compose,
    /// `docker run --env-file`: no quotes, no escapes, one line each.
    Docker,
}

impl Dialect {
    /// Every dialect, the default first.
    pub const ALL: [Self; 4] = [Self::Node, Self::Python, Self::Compose, Self::Docker];

    /// The name it goes by on the command line and in notes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::Compose => "compose",
            Self::Docker => "docker",
        }
    }

    /// The source as it reaches this reader: Python opens files in text mode, where CRLF and CR are read as LF.
    fn reads(self, source: &str) -> Zeroizing<String> {
        match self {
            Self::Python if source.contains('\r') => {
                let without_crlf = Zeroizing::new(source.replace("\r\n", "\n"));
                Zeroizing::new(without_crlf.replace('\r', "\n"))
            }
            _ => Zeroizing::new(source.to_owned()),
        }
    }

    fn grammar(self) -> adotenv::Dialect {
        match self {
            Self::Node => adotenv::Dialect::NODE_DOTENV,
            Self::Python => adotenv::Dialect::PYTHON_DOTENV,
            Self::Compose => adotenv::Dialect::COMPOSE,
            Self::Docker => adotenv::Dialect::DOCKER_RAW,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Dialect {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        crate::name::one_of(text, "dotenv dialect", &Self::ALL, Self::name)
    }
}

/// What happens to `$NAME`, `${NAME}` and `${NAME:-default}` in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum References {
    /// They stay as they stand: a password may hold a `$`.
    #[default]
    Keep,
    /// They are replaced from the lines above in the same file, and from nothing else; what the file does not set
    /// stays and is noted. Nothing is replaced between single quotes, and no command is ever run.
    Expand,
}

/// Reads a `.env` file as `dialect` does.
///
/// Where a name is set twice the last one counts, as for the readers. Lines that set nothing are left out and noted.
///
/// # Errors
/// Input that is not UTF-8; a PEM block outside quotes, of which a reader would take only the first line; references
/// that expand to more than 1 MiB or nest too deep.
pub fn parse(source: &[u8], dialect: Dialect, references: References) -> Result<Imported> {
    let source = text(source)?;
    let read = dialect.reads(source);
    let (document, _) = adotenv::parse_with(&read, dialect.grammar());
    let sources = compare::read_by_others(source, dialect);
    let documents = compare::parse_others(&sources);
    let others = OtherReadings::new(dialect, &documents);
    let last_end = document.source().rfind("-----END ");
    let mut imported = Imported::default();
    for entry in document.effective_entries() {
        refuse_cut_block(entry.entry(), last_end, dialect)?;
        let name = entry.key().to_owned();
        if let Some(message) = others.disagreement(entry.entry(), references) {
            imported.notes.push(Note::new(entry.line(), Some(name.clone()), message));
        }
        imported.entries.push(Entry::new(name, entry.value().into(), entry.line()));
    }
    if references == References::Expand {
        expand(&document, &mut imported)?;
    }
    imported.notes.extend(left_out(&document, dialect, &others));
    imported.entries.sort_by_key(|entry| entry.line);
    imported.notes.sort_by_key(|note| note.line);
    Ok(imported)
}

/// The source as UTF-8.
pub(super) fn text(source: &[u8]) -> Result<&str> {
    if source.starts_with(&[0xff, 0xfe]) || source.starts_with(&[0xfe, 0xff]) {
        return Err(Error::usage("the file is UTF-16").hint("save it as UTF-8"));
    }
    std::str::from_utf8(source).map_err(|error| {
        let line = 1 + source[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        Error::usage(format!("line {line} is not UTF-8"))
            .hint("save the file as UTF-8; a binary value goes in with `vault set NAME --from-file FILE`")
    })
}

/// Outside quotes a value ends with its line. The rest of a PEM block would be lost, or taken for names.
/// `last_end` is where the last `-----END` of the file stands.
fn refuse_cut_block(entry: adotenv::Entry<'_>, last_end: Option<usize>, dialect: Dialect) -> Result<()> {
    let value = entry.value().unwrap_or_default();
    let begins = value.trim_start_matches(['"', '\'', '`']).starts_with("-----BEGIN ");
    let goes_on = last_end.is_some_and(|end| end >= entry.line_span().end);
    if entry.quote() != Quote::None || !begins || value.contains("-----END ") || !goes_on {
        return Ok(());
    }
    let hint = match dialect {
        Dialect::Docker => "such a file holds one line per value: use `vault set NAME --from-file FILE`",
        _ => "put the whole block between double quotes, or use `vault set NAME --from-file FILE`",
    };
    Err(Error::usage(format!("line {} begins a PEM block of which {dialect} reads only that line", entry.line()))
        .hint(hint))
}

/// Replaces the references of what was imported.
fn expand(document: &Document<'_>, imported: &mut Imported) -> Result<()> {
    let resolved = document.resolve(|_| None, &ExpandOptions::compose()).map_err(|error| cannot_expand(&error))?;
    let mut by_line: BTreeMap<(usize, &str), &adotenv::ResolvedEntry> = BTreeMap::new();
    for (entry, resolved) in document.entries().zip(resolved.entries()) {
        by_line.insert((entry.line(), entry.key()), resolved);
    }
    for entry in &mut imported.entries {
        let Some(resolved) = by_line.get(&(entry.line, entry.name.as_str())) else { continue };
        entry.value = resolved.value.as_deref().unwrap_or_default().into();
        if resolved.segments.iter().any(is_unresolved) {
            let message = "a $ reference stays as it stands: no line above sets it";
            imported.notes.push(Note::new(entry.line, Some(entry.name.clone()), message));
        }
    }
    Ok(())
}

fn is_unresolved(segment: &ResolvedSegment) -> bool {
    match &segment.kind {
        ResolvedSegmentKind::Unresolved { .. } => true,
        ResolvedSegmentKind::Variable { parts, .. } => parts.iter().any(is_unresolved),
        _ => false,
    }
}

/// The library's own words can quote a default or a message out of the file, so only names are taken from it.
fn cannot_expand(error: &adotenv::ResolveError) -> Error {
    use adotenv::ResolveError as E;
    let (key, what) = match error {
        E::Required { key, .. } => (key, "needs a value that no line above sets"),
        E::DepthExceeded { key, .. } => (key, "holds references nested too deep"),
        E::ValueTooLarge { key, .. } => (key, "expands to more than 1 MiB"),
        E::OutputTooLarge { key, .. } => (key, "makes the file expand to more than 64 MiB"),
        E::Unresolved { key, .. } | E::Cycle { key, .. } | E::Command { key, .. } => (key, "cannot be expanded"),
        _ => return Error::usage("the references in the file cannot be expanded"),
    };
    Error::usage(format!("{key} {what}")).hint("import without --expand, which keeps $ as it stands")
}

/// A note for each line that gives no entry. Such a line may be the rest of a secret: it is never quoted.
fn left_out(document: &Document<'_>, dialect: Dialect, others: &OtherReadings<'_>) -> Vec<Note> {
    let winners: BTreeMap<&str, usize> =
        document.effective_entries().map(|entry| (entry.key(), entry.entry().id())).collect();
    let lines = document.line_index();
    let mut notes = Vec::new();
    for item in document.items() {
        match (item.kind(), item.entry()) {
            (ItemKind::Blank | ItemKind::Comment, _) => {}
            (ItemKind::Entry, Some(entry)) => notes.extend(without_effect(document, entry, &winners, dialect)),
            _ => {
                let start = item.content_span().start + leading_space(item.raw());
                let line = lines.to_position(start, ColumnEncoding::Utf8).map_or(1, |position| position.line + 1);
                notes.push(Note::left_out(line, None, no_assignment(line, dialect, others)));
            }
        }
    }
    notes
}

fn leading_space(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// The note on an entry that does not count: one that is set again, a name alone, a value without a name.
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
            Dialect::Compose | Dialect::Docker => unnamed("a name alone, given a value when it runs"),
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
                true => format!("a later line takes its value away, as {dialect} reads it"),
                false => format!("{dialect} ignores this name"),
            },
        )),
    }
}

fn no_assignment(line: usize, dialect: Dialect, others: &OtherReadings<'_>) -> String {
    match others.assigning_on(line).as_slice() {
        [] => "no assignment".to_owned(),
        readers => format!("no assignment for {dialect}, but one for {}", compare::list(readers)),
    }
}

#[cfg(test)]
mod tests;
