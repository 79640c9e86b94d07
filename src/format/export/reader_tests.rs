//! The rules of `.env` readers that the tests can't run: ruby's and Laravel's, from their source code.

use super::*;
use proptest::prelude::*;

fn written(reader: Reader, values: &[(&str, &str)]) -> Option<String> {
    let items: Vec<Item<'_>> = values
        .iter()
        .map(|(name, value)| Item { name, value: value.as_bytes(), is_variable: false, note: None })
        .collect();
    let target = Target { format: Format::Dotenv, reader: Some(reader), name: None };
    write(target, &items).ok().map(|text| text.as_str().unwrap().to_owned())
}

fn single(reader: Reader, value: &str) -> Option<String> {
    written(reader, &[("A", value)])
}

#[test]
fn each_reader_reads_references_as_text() {
    let value = "${HOME} it's";
    assert_eq!(single(Reader::Node, "${HOME}").unwrap(), "A='${HOME}'\n");
    assert_eq!(single(Reader::Node, value).unwrap(), "A=\"${HOME} it's\"\n");
    assert_eq!(single(Reader::Python, value).unwrap(), "A='${:-$}{HOME} it\\'s'\n");
    assert_eq!(single(Reader::Compose, value).unwrap(), "A='${HOME} it\\'s'\n");
    assert_eq!(single(Reader::Ruby, value).unwrap(), "A=\"\\${HOME} it's\"\n");
    assert_eq!(single(Reader::Ruby, "${HOME}\n$(x)").unwrap(), "A='${HOME}\n$(x)'\n");
    assert_eq!(single(Reader::Laravel, value).unwrap(), "A=\"\\${HOME} it's\"\n");
    assert_eq!(single(Reader::Laravel, "a\r\n\"b\"\\").unwrap(), "A=\"a\\r\\n\\\"b\\\"\\\\\"\n");
    for reader in Reader::ALL {
        assert_eq!(
            single(reader, "plain-1").as_deref().map(|line| line.trim_end().replace('\'', "")),
            Some("A=plain-1".into())
        );
        assert_eq!(reader.name().parse::<Reader>().unwrap(), reader);
    }
}

#[test]
fn values_that_a_reader_would_change_are_refused() {
    for value in ["a\r", "it's $(x)", "it's \\n", "a b\\"] {
        assert_eq!(single(Reader::Ruby, value), None, "{value}");
    }
    assert_eq!(single(Reader::Node, "a\r"), None);
    assert_eq!(single(Reader::Node, "'\"`"), None);
}

/// Does what `parse_value` of ruby's dotenv 3 does with a quoted or plain value. `None` if it would run a command.
fn read_by_ruby(raw: &str) -> Option<String> {
    if let Some(inner) = raw.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return Some(inner.to_owned());
    }
    let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Some(raw.to_owned());
    };
    let newlines = inner.replace("\\n", "\\\\n").replace("\\r", "\\\\r");
    let mut unescaped = String::new();
    let mut characters = newlines.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('\\', Some(next)) if *next != '$' => unescaped.push(characters.next().unwrap()),
            _ => unescaped.push(c),
        }
    }
    let mut value = String::new();
    let mut rest = unescaped.as_str();
    while let Some(at) = rest.find('$') {
        let is_escaped = rest[..at].ends_with('\\');
        value.push_str(&rest[..at - usize::from(is_escaped)]);
        rest = &rest[at + 1..];
        if !is_escaped && rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "_{(".contains(c)) {
            return None;
        }
        value.push('$');
    }
    Some(value + rest)
}

/// Returns what phpdotenv 5 reads from a line, following the states of its `EntryParser`, after `Lines` found no
/// multiline value.
fn read_by_laravel(line: &str) -> Option<String> {
    let raw = line.split_once('=')?.1;
    let without = line.replace("\\\\", "");
    let quotes = without.as_bytes().windows(2).filter(|pair| pair[0] != b'\\' && pair[1] == b'"').count();
    if line.contains("=\"") && quotes < 2 {
        return None;
    }
    let Some(inner) = raw.strip_prefix('"') else { return Some(raw.to_owned()) };
    let mut value = String::new();
    let mut characters = inner.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(value),
            '\\' => value.push(match characters.next()? {
                c @ ('"' | '\\' | '$') => c,
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                _ => return None,
            }),
            '$' => return None,
            c => value.push(c),
        }
    }
}

const VALUE: &str = "([a-z '\"`\\\\\n\r\t#$={}():nr]|\\PC){0,14}";

proptest! {
    #[test]
    fn ruby_reads_what_was_written(value in VALUE) {
        let Some(text) = single(Reader::Ruby, &value) else { return Ok(()) };
        let raw = text.strip_prefix("A=").unwrap().strip_suffix('\n').unwrap();
        // A backslash before the last quote would hide the quote from the pattern that finds lines.
        prop_assert!(!raw.ends_with("\\'") && !raw.ends_with("\\\""), "{raw}");
        prop_assert_eq!(read_by_ruby(raw), Some(value));
    }

    #[test]
    fn laravel_reads_what_was_written(value in VALUE) {
        let text = single(Reader::Laravel, &value).unwrap();
        prop_assert_eq!(text.matches('\n').count(), 1);
        prop_assert_eq!(read_by_laravel(text.strip_suffix('\n').unwrap()), Some(value));
    }
}
