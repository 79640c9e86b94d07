//! CSV with a header: `name,value` or `key,value`, or the columns that 1Password, Bitwarden and browsers export.

use super::records::{self, Record};
use crate::error::{Error, Reason, Result};
use crate::format::{Entry, Imported};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// Reads the entries of a file.
pub(super) fn read(source: &str) -> Result<Imported> {
    let rows = rows(source)?;
    let Some((header, rows)) = rows.split_first() else { return Ok(Imported::default()) };
    let header = Header(header.fields.iter().map(|field| field.trim().to_ascii_lowercase()).collect());
    let name = header.find(&["name", "key"]);
    if let (Some(name), Some(value)) = (name, header.find(&["value"])) {
        let entry = |row: &Row| Entry::new(row.get(name).trim(), row.get(value).into(), row.line);
        return Ok(Imported { entries: rows.iter().map(entry).collect(), ..Imported::default() });
    }
    let title = header.find(&["title"]).or(name);
    match (title, header.find(&["password", "login_password"])) {
        (Some(title), Some(password)) => Ok(records::read(rows.iter().map(|row| header.record(row, title, password)))),
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
/// Columns about the record, such as its folder or whether it is a favorite. They have no value to import.
const PLACE: &[&str] = &["favorite", "archived", "folder", "collections", "type", "reprompt"];
/// Bitwarden's custom fields: one per line, as `name: value`.
const FIELDS: &[&str] = &["fields"];
const READ: &[&[&str]] = &[USERNAME, ONE_TIME, NOTES, URL, TAGS, PLACE, FIELDS];

struct Header(Vec<String>);

impl Header {
    fn find(&self, names: &[&str]) -> Option<usize> {
        self.0.iter().position(|column| names.contains(&column.as_str()))
    }

    fn record<'a>(&'a self, row: &'a Row, title: usize, password: usize) -> Record<'a> {
        let column = |names: &[&str]| self.find(names).map(|at| row.get(at).as_bytes()).filter(|text| !text.is_empty());
        Record {
            title: row.get(title).trim(),
            line: row.line,
            password: Some(row.get(password).as_bytes()).filter(|text| !text.is_empty()),
            username: column(USERNAME),
            one_time: column(ONE_TIME),
            notes: column(NOTES),
            fields: column(URL)
                .map(|url| (Cow::Borrowed("URL"), url))
                .into_iter()
                .chain(self.own_fields(row))
                .collect(),
            tags: self.find(TAGS).map_or("", |at| row.get(at)).into(),
            omitted: self.omitted(row, title, password),
        }
    }

    fn own_fields<'a>(&self, row: &'a Row) -> impl Iterator<Item = (Cow<'a, str>, &'a [u8])> {
        let lines = self.find(FIELDS).map_or("", |at| row.get(at)).lines();
        lines.filter_map(|line| line.split_once(": ").map(|(name, value)| (name.into(), value.as_bytes())))
    }

    /// Returns the names of the columns that hold something and are not imported.
    fn omitted(&self, row: &Row, title: usize, password: usize) -> Vec<&str> {
        let is_read = |column: &str| READ.iter().any(|names| names.contains(&column));
        let columns = self.0.iter().enumerate().filter(|(at, column)| {
            *at != title && *at != password && !is_read(column) && !row.get(*at).trim().is_empty()
        });
        columns.map(|(_, column)| column.as_str()).collect()
    }
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
    let (mut begin, mut at, mut line, mut length) = (0, 0, 1, 0);
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
            let rest = raw.trim_start_matches(['\r', '\n']);
            line += raw[..raw.len() - rest.len()].matches('\n').count();
            raw = rest;
            row.line = line;
        }
        line += raw.matches('\n').count();
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
