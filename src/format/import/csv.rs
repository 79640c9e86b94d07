//! CSV with a header: `name,value` or `key,value`, or the columns that 1Password and browsers export.

use super::records::{self, Record};
use crate::error::{Error, Result};
use crate::format::{Entry, Imported};
use zeroize::Zeroizing;

/// Takes the entries out of a file.
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
    match (title, header.find(&["password"])) {
        (Some(title), Some(password)) => Ok(records::read(rows.iter().map(|row| header.record(row, title, password)))),
        _ => Err(Error::usage("the CSV has no header that is known")
            .hint("its first line needs name,value or a password manager's title and password")),
    }
}

/// The columns that are read, by the names that password managers give them.
const USERNAME: &[&str] = &["username", "login_username"];
const ONE_TIME: &[&str] = &["otpauth", "otp", "totp", "login_totp"];
const NOTES: &[&str] = &["notes", "note"];
const URL: &[&str] = &["url", "website", "login_uri"];
const TAGS: &[&str] = &["tags"];
/// Where a record lies and whether somebody likes it: nothing of its own.
const PLACE: &[&str] = &["favorite", "archived", "folder", "type", "reprompt"];
const READ: &[&[&str]] = &[USERNAME, ONE_TIME, NOTES, URL, TAGS, PLACE];

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
            fields: column(URL).map(|url| ("URL", url)).into_iter().collect(),
            tags: self.find(TAGS).map_or("", |at| row.get(at)),
            omitted: self.omitted(row, title, password),
        }
    }

    /// The names of the columns that hold something nobody reads here.
    fn omitted(&self, row: &Row, title: usize, password: usize) -> Vec<&str> {
        let is_read = |column: &str| READ.iter().any(|names| names.contains(&column));
        let columns = self.0.iter().enumerate().filter(|(at, column)| {
            *at != title && *at != password && !is_read(column) && !row.get(*at).trim().is_empty()
        });
        columns.map(|(_, column)| column.as_str()).collect()
    }
}

/// A record of the file with the line it begins on, from 1.
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

/// The records of the file (RFC 4180; LF alone ends a line as well). Empty lines are skipped.
fn rows(source: &str) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while !rest.is_empty() {
        let mut row = Row { line, fields: Vec::new() };
        loop {
            let (field, after) = field(rest).ok_or_else(|| {
                Error::usage(format!("line {line} has a quote that does not fit"))
                    .hint("a field with quotes stands between quotes, each inner one doubled")
            })?;
            line += rest[..rest.len() - after.len()].matches('\n').count();
            row.fields.push(field);
            match after.strip_prefix(',') {
                Some(next) => rest = next,
                None => {
                    rest = after.strip_prefix("\r\n").or(after.strip_prefix('\n')).unwrap_or(after);
                    break;
                }
            }
        }
        line += 1;
        if row.fields.iter().any(|field| !field.is_empty()) {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The field that `text` begins with, and what follows it: a comma, the end of the line or of the file.
fn field(text: &str) -> Option<(Zeroizing<String>, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', '\n']).unwrap_or(text.len());
        let (field, rest) = text.split_at(end);
        let cut = field.strip_suffix('\r').filter(|_| rest.starts_with('\n')).map_or(end, str::len);
        let (field, rest) = text.split_at(cut);
        return (!field.contains('"')).then(|| (Zeroizing::new(field.to_owned()), rest));
    };
    let mut at = 0;
    loop {
        at += quoted[at..].find('"')?;
        match quoted[at + 1..].chars().next() {
            Some('"') => at += 2,
            None | Some(',' | '\n') => break,
            Some('\r') if quoted[at + 1..].starts_with("\r\n") => break,
            Some(_) => return None,
        }
    }
    Some((Zeroizing::new(quoted[..at].replace("\"\"", "\"")), &quoted[at + 1..]))
}
