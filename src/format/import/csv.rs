//! CSV with a header: `name,value` or `key,value`, or the columns that 1Password, Bitwarden and browsers export.

use super::records::{self, Record};
use crate::error::{Error, Reason, Result};
use crate::format::lines::Lines;
use crate::format::{Entry, Imported, Note};
use crate::words::plural;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// Reads the entries of a file.
pub(super) fn read(source: &str) -> Result<Imported> {
    let rows = rows(source)?;
    let Some((header, rows)) = rows.split_first() else { return Ok(Imported::default()) };
    let header = Header(header.fields.iter().map(|field| field.trim().to_ascii_lowercase()).collect());
    let name = header.find(&["name", "key"]);
    if let (Some(name), Some(value)) = (name, header.find(&["value"])) {
        header.check_lengths(rows)?;
        return Ok(header.values(rows, name, value));
    }
    let title = header.find(&["title"]).or(name);
    match (title, header.find(&["password", "login_password"])) {
        (Some(title), Some(password)) => {
            header.check_lengths(rows)?;
            Ok(records::read(rows.iter().map(|row| header.record(row, title, password))))
        }
        _ => Err(Error::new(Reason::UnknownFormat, "the CSV has no known header")
            .hint("its first line must have name,value or a password manager's title and password")),
    }
}

/// The columns that are imported, by their names in password managers' exports.
const USERNAME: &[&str] = &["username", "login_username"];
const ONE_TIME: &[&str] = &["otpauth", "otp", "totp", "login_totp"];
const NOTES: &[&str] = &["notes", "note"];
const URL: &[&str] = &["url", "website", "login_uri"];
const TAGS: &[&str] = &["tags"];
/// Bitwarden's custom fields: one per line, as `name: value`.
const FIELDS: &[&str] = &["fields"];
const IMPORTED: [&[&str]; 6] = [USERNAME, ONE_TIME, NOTES, URL, TAGS, FIELDS];
/// Columns that say how the password manager treats the record, and what they say. There is nothing to import.
const FLAGS: &[&str] = &["favorite", "archived", "reprompt", "type"];
const SETTINGS: &[&str] = &["0", "1", "false", "true", "login", "note"];

struct Header(Vec<String>);

impl Header {
    fn find(&self, names: &[&str]) -> Option<usize> {
        self.0.iter().position(|column| names.contains(&column.as_str()))
    }

    /// Checks that each record has as many fields as the header. One with more or fewer has a comma or a line break that
    /// belongs to a value, and would lose a part of it.
    fn check_lengths(&self, rows: &[Row]) -> Result<()> {
        let columns = self.0.len();
        match rows.iter().find(|row| row.fields.len() != columns) {
            None => Ok(()),
            Some(row) => {
                let fields = plural(row.fields.len(), "field");
                Err(Error::usage(format!("line {} has {fields}, and the header has {columns}", row.line))
                    .hint("put each value that contains a comma or a line break in quotes"))
            }
        }
    }

    /// Returns the values of a table of names and values.
    fn values(&self, rows: &[Row], name: usize, value: usize) -> Imported {
        let mut imported = Imported::default();
        for row in rows {
            let omitted = self.omitted(row, |column| column == name || column == value);
            if !omitted.is_empty() {
                let what = format!("what is in {}", records::listed(&omitted));
                imported.notes.push(Note::left_out(row.line, None, what));
            }
            imported.entries.push(Entry::new(row.get(name).trim(), row.get(value).into(), row.line));
        }
        imported
    }

    fn record<'a>(&'a self, row: &'a Row, title: usize, password: usize) -> Record<'a> {
        let column = |names: &[&str]| self.find(names).map(|at| row.get(at).as_bytes()).filter(|text| !text.is_empty());
        let url = column(URL).map(|url| (Cow::Borrowed("URL"), url));
        let own = own_fields(self.find(FIELDS).map_or("", |at| row.get(at)));
        let own = own.into_iter().map(|(name, value)| (Cow::Borrowed(name), value.as_bytes()));
        let is_read = |at: usize| {
            let is_flag = FLAGS.contains(&self.0[at].as_str()) && SETTINGS.contains(&row.get(at));
            let is_imported = IMPORTED.iter().any(|names| self.find(names) == Some(at));
            at == title || at == password || is_imported || is_flag
        };
        Record {
            title: row.get(title).trim(),
            line: row.line,
            password: Some(row.get(password).as_bytes()).filter(|text| !text.is_empty()),
            username: column(USERNAME),
            one_time: column(ONE_TIME),
            notes: column(NOTES),
            fields: url.into_iter().chain(own).collect(),
            tags: self.find(TAGS).map_or("", |at| row.get(at)).into(),
            omitted: self.omitted(row, is_read),
        }
    }

    /// Returns the names of the columns that hold something in this record and are not read.
    fn omitted<'a>(&'a self, row: &Row, is_read: impl Fn(usize) -> bool) -> Vec<Cow<'a, str>> {
        let mut omitted = Vec::new();
        for (at, name) in self.0.iter().enumerate() {
            if is_read(at) || row.get(at).trim().is_empty() {
                continue;
            }
            omitted.push(match name.as_str() {
                "" => Cow::Owned(format!("column {}", at + 1)),
                name => Cow::Borrowed(name),
            });
        }
        omitted
    }
}

/// Splits Bitwarden's custom fields into names and values. Bitwarden doesn't mark a line break in a value, so a line
/// without `: ` belongs to the value above it. If there is none, it is a value without a name.
fn own_fields(text: &str) -> Vec<(&str, &str)> {
    let mut fields: Vec<(&str, usize, usize)> = Vec::new();
    let mut begin = 0;
    for line in text.split_inclusive('\n') {
        let end = begin + line.trim_end_matches(['\r', '\n']).len();
        match (line.split_once(": "), fields.last_mut()) {
            (Some((name, _)), _) => fields.push((name, begin + name.len() + 2, end)),
            (None, Some(last)) => last.2 = end,
            (None, None) => fields.push(("", begin, end)),
        }
        begin += line.len();
    }
    fields.into_iter().map(|(name, start, end)| (name, &text[start..end])).collect()
}

/// A record of the file, with the line on which it begins, from 1.
#[derive(Default)]
struct Row {
    line: usize,
    fields: Vec<Zeroizing<String>>,
}

impl Row {
    fn get(&self, column: usize) -> &str {
        self.fields.get(column).map_or("", |field| field.as_str())
    }
}

/// Returns the records of the file (RFC 4180; CR or LF alone ends a line as well). Empty lines are skipped. The CSV
/// reader accepts misplaced quotes, but a field with one could swallow most of the file, so it is refused here.
fn rows(source: &str) -> Result<Vec<Row>> {
    let mut reader = csv_core::Reader::new();
    // No field is longer than the file. The reader needs room even at the end of its input.
    let mut field = Zeroizing::new(vec![0; source.len() + 1]);
    let (mut rows, mut row) = (Vec::new(), Row::default());
    let lines = Lines::new(source);
    let (mut begin, mut at, mut length) = (0, 0, 0);
    loop {
        let (result, read, written) = reader.read_field(&source.as_bytes()[at..], &mut field[length..]);
        at += read;
        length += written;
        let is_last = match result {
            csv_core::ReadFieldResult::InputEmpty | csv_core::ReadFieldResult::OutputFull => continue,
            csv_core::ReadFieldResult::Field { record_end } => record_end,
            csv_core::ReadFieldResult::End => return Ok(rows),
        };
        let mut raw = &source[begin..at];
        if row.fields.is_empty() {
            raw = raw.trim_start_matches(['\r', '\n']);
            row.line = lines.number_at(at - raw.len());
        }
        check_quotes(raw.strip_suffix([',', '\r', '\n']).unwrap_or(raw), row.line)?;
        let text = std::str::from_utf8(&field[..length]).unwrap_or_default();
        row.fields.push(Zeroizing::new(text.to_owned()));
        (begin, length) = (at, 0);
        if is_last {
            let whole = std::mem::take(&mut row);
            if whole.fields.iter().any(|field| !field.is_empty()) {
                rows.push(whole);
            }
        }
    }
}

/// Checks that a field is either quoted, with its inner quotes doubled, or has no quotes.
fn check_quotes(raw: &str, line: usize) -> Result<()> {
    let inner = raw.strip_prefix('"').map(|rest| rest.strip_suffix('"'));
    let fits = match inner {
        None => !raw.contains('"'),
        Some(None) => false,
        Some(Some(inner)) => inner.split("\"\"").all(|part| !part.contains('"')),
    };
    if fits {
        return Ok(());
    }
    Err(Error::usage(format!("line {line} has a misplaced quote"))
        .hint("put a field that contains quotes in quotes, and double each inner one"))
}
