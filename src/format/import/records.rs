//! Converts the records of password managers, which have a title and several values, to named values.

use crate::format::{Entry, Imported, Note};
use crate::item::MAX_TAGS;
use crate::name::{is_variable_name, quoted};
use std::borrow::Cow;

/// A record. Empty values are `None` or left out.
pub(super) struct Record<'a> {
    pub(super) title: &'a str,
    pub(super) line: usize,
    pub(super) password: Option<&'a [u8]>,
    pub(super) username: Option<&'a [u8]>,
    pub(super) one_time: Option<&'a [u8]>,
    pub(super) notes: Option<&'a [u8]>,
    pub(super) fields: Vec<(Cow<'a, str>, &'a [u8])>,
    /// Words separated by commas or semicolons.
    pub(super) tags: Cow<'a, str>,
    /// The names of everything else in the record, which is not imported.
    pub(super) omitted: Vec<Cow<'a, str>>,
}

/// Converts records to entries. The title becomes the name of the password, or of the notes if there is no password.
/// The other values are named `NAME_USERNAME`, `NAME_OTP`, `NAME_NOTES`, `NAME_URL` and `NAME_FIELD`. All have the tags
/// of the record.
pub(super) fn read<'a>(records: impl Iterator<Item = Record<'a>>) -> Imported {
    let mut imported = Imported::default();
    for record in records {
        add(&record, &mut imported);
    }
    imported
}

fn add(record: &Record<'_>, imported: &mut Imported) {
    let line = record.line;
    let name = variable_name(record.title);
    let values = values(record);
    if name.is_empty() || values.is_empty() {
        let what = match record.title {
            "" => "a record without a title".to_owned(),
            title => format!("the record {} without a value that vault imports", quoted(title)),
        };
        imported.notes.push(Note::left_out(line, None, what));
        return;
    }
    if name != record.title {
        let message = format!("named after the title {}", quoted(record.title));
        imported.notes.push(Note::new(line, Some(name.clone()), message));
    }
    let empty = record.fields.iter().filter(|(name, value)| value.is_empty() && !name.is_empty());
    let omitted: Vec<_> = record.omitted.iter().chain(empty.map(|(name, _)| name)).collect();
    if !omitted.is_empty() {
        let what = format!("its {}", listed(&omitted));
        imported.notes.push(Note::left_out(line, Some(name.clone()), what));
    }
    let (tags, are_whole) = tags(&record.tags);
    if !are_whole {
        let what = format!("not all of its tags fit: an item has at most {MAX_TAGS}, of A-Z a-z 0-9 _ . -");
        imported.notes.push(Note { is_left_out: true, ..Note::new(line, Some(name.clone()), what) });
    }
    for (suffix, value) in values {
        let name = if suffix.is_empty() { name.clone() } else { format!("{name}_{suffix}") };
        let entry = Entry::kept_secret(name, value.to_vec().into(), line);
        imported.entries.push(Entry { tags: tags.clone(), ..entry });
    }
}

/// Returns a list of names in quotes.
pub(super) fn listed(names: &[impl AsRef<str>]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name.as_ref())).collect();
    names.join(", ")
}

/// Returns the words as tags, and whether each is a tag as written. A character that tags can't have becomes a hyphen.
fn tags(text: &str) -> (Vec<String>, bool) {
    let fit = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '-' };
    let (mut tags, mut are_whole) = (Vec::new(), true);
    for word in text.split([',', ';']).map(str::trim) {
        let fitting: String = word.chars().map(fit).collect();
        let tag = fitting.trim_matches(['-', '.']);
        are_whole &= tag == word;
        if !tag.is_empty() {
            tags.push(tag.to_owned());
        }
    }
    are_whole &= tags.len() <= MAX_TAGS;
    tags.truncate(MAX_TAGS);
    (tags, are_whole)
}

fn values<'a>(record: &Record<'a>) -> Vec<(String, &'a [u8])> {
    let main = record.password.or(record.notes);
    let notes = record.notes.filter(|_| record.password.is_some());
    let known = [("", main), ("USERNAME", record.username), ("OTP", record.one_time), ("NOTES", notes)];
    let known = known.into_iter().filter_map(|(suffix, value)| Some((suffix.to_owned(), value?)));
    let fields = record.fields.iter().map(|(name, value)| (variable_name(name), *value));
    let fields = fields.map(|(name, value)| (if name.is_empty() { "FIELD".to_owned() } else { name }, value));
    known.chain(fields).filter(|(_, value)| !value.is_empty()).collect()
}

/// Converts a title to a variable name: `GitHub Token (prod)` becomes `GITHUB_TOKEN_PROD`. A title that is a variable
/// name stays.
fn variable_name(title: &str) -> String {
    if is_variable_name(title) {
        return title.to_owned();
    }
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_uppercase).collect::<Vec<_>>().join("_")
}
