//! References to items in any text: `vault://NAME` and `vault://ENV/NAME`, nothing else.
//!
//! A text is read once, from start to end. The value that replaces a reference is not searched for references again.

use crate::error::{Error, Kind, Result};
use crate::name::{EnvironmentName, ItemName, NamedItem};
use crate::secret::SecretBytes;
use zeroize::Zeroizing;

/// The prefix of a reference.
pub const SCHEME: &str = "vault://";

/// A reference in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The item that it names.
    pub item: NamedItem,
    /// The number of its line, from 1.
    pub line: usize,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that stays as it is.
    Text(&'a [u8]),
    /// A reference that is replaced by a value.
    Reference(Reference),
}

/// Splits a text into references and the text between them. A name is as long as its letters, digits, `_`, `.` and `-`
/// go, but dots and hyphens at its end belong to the text. What precedes a `/` is an environment if it is a valid name
/// of one and an item's name follows; otherwise it is an item, and the `/` is text. `vault://` before anything else is
/// text.
#[must_use]
pub fn parse(text: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut rest, mut line, mut from) = (0, 1, 0);
    while let Some(at) = memchr::memmem::find(&text[from..], SCHEME.as_bytes()).map(|at| from + at) {
        let behind = at + SCHEME.len();
        from = behind;
        if let Some((item, length)) = reference(&text[behind..]) {
            line += newlines(&text[rest..at]);
            pieces.push(Piece::Text(&text[rest..at]));
            pieces.push(Piece::Reference(Reference { item, line }));
            rest = behind + length;
            from = rest;
        }
    }
    pieces.push(Piece::Text(&text[rest..]));
    pieces.retain(|piece| *piece != Piece::Text(b""));
    pieces
}

fn newlines(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count()
}

/// Returns what the text after the scheme refers to, and how many bytes of it belong to the reference.
fn reference(text: &[u8]) -> Option<(NamedItem, usize)> {
    let (first, length) = word(text)?;
    if text.get(length) == Some(&b'/')
        && let (Ok(environment), Some((name, more))) = (EnvironmentName::new(first), word(&text[length + 1..]))
        && let Ok(name) = ItemName::new(name)
    {
        return Some((NamedItem::within(environment, name), length + 1 + more));
    }
    ItemName::new(first).ok().map(|name| (NamedItem { environment: None, name }, length))
}

fn word(text: &[u8]) -> Option<(&str, usize)> {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let end = text.iter().position(|byte| !fits(byte)).unwrap_or(text.len());
    let word = std::str::from_utf8(&text[..end]).ok()?.trim_end_matches(['.', '-']);
    (!word.is_empty()).then_some((word, word.len()))
}

/// Returns whether the text contains a reference.
#[must_use]
pub fn has_reference(text: &[u8]) -> bool {
    parse(text).iter().any(|piece| matches!(piece, Piece::Reference(_)))
}

/// Replaces all references with values. If one can't be resolved, its message is prefixed with `file` and the line of
/// the reference, counted from `first_line`.
///
/// # Errors
/// The error of `resolve` for the first reference without a value.
pub fn fill(
    text: &[u8],
    file: &str,
    first_line: usize,
    mut resolve: impl FnMut(&Reference) -> Result<SecretBytes>,
) -> Result<SecretBytes> {
    let parsed = parse(text);
    let mut values = Vec::new();
    for piece in &parsed {
        if let Piece::Reference(reference) = piece {
            let line = first_line + reference.line - 1;
            values.push(resolve(reference).map_err(|error| at(file, line, error))?);
        }
    }
    // Allocated at full size, because a buffer that grows leaves copies behind.
    let length = text.len() + values.iter().map(|value| value.len()).sum::<usize>();
    let mut filled = Zeroizing::new(Vec::with_capacity(length));
    let mut values = values.iter();
    for piece in parsed {
        match piece {
            Piece::Text(text) => filled.extend_from_slice(text),
            Piece::Reference(_) => filled.extend_from_slice(values.next().map_or(b"", |value| value)),
        }
    }
    Ok(SecretBytes::new(std::mem::take(&mut *filled)))
}

fn at(file: &str, line: usize, error: Error) -> Error {
    match error.kind() {
        Kind::Failed | Kind::Usage | Kind::NotFound | Kind::Denied => {
            let message = format!("{file}:{line}: {error}");
            error.reworded(message)
        }
        Kind::Unlock | Kind::Integrity | Kind::Busy => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(text: &str) -> String {
        let resolve = |reference: &Reference| {
            let environment = reference.item.environment.as_ref().map_or("-", EnvironmentName::as_str);
            Ok(SecretBytes::from(format!("<{environment} {} {}>", reference.item.name, reference.line).as_str()))
        };
        fill(text.as_bytes(), "t", 1, resolve).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn references_are_separated_from_the_surrounding_text() {
        for (text, expected) in [
            ("a\nb vault://prod/DB_URL\n", "a\nb <prod DB_URL 2>\n"),
            ("\"vault://KEY\"", "\"<- KEY 1>\""),
            ("postgres://vault://U:vault://P@h/x", "postgres://<- U 1>:<- P 1>@h/x"),
            ("http://vault://HOST/path", "http://<- HOST 1>/path"),
            ("see vault://A. And vault://b-.", "see <- A 1>. And <- b 1>-."),
            ("vault://prod/ and vault:// and vault://é", "<- prod 1>/ and vault:// and vault://é"),
            ("vault://vault://A", "<- vault 1>://A"),
            ("${A} {{B}} $C %D%", "${A} {{B}} $C %D%"),
        ] {
            assert_eq!(filled(text), expected, "{text}");
        }
    }

    #[test]
    fn f6_references_in_a_value_are_not_expanded() {
        let value = SecretBytes::from("vault://B {{C}} ${D}");
        let filled = fill(b"vault://A", "t", 1, |_| Ok(value.clone())).unwrap();
        assert_eq!(filled, value);
    }

    #[test]
    fn a_missing_item_is_named_with_file_and_line() {
        let missing = |_: &Reference| Err(Error::not_found("there is no item dev/B").hint("set it"));
        let error = fill(b"\n\nvault://B", "app.conf", 1, missing).unwrap_err();
        assert_eq!(
            (error.to_string(), error.advice().unwrap().to_string()),
            ("app.conf:3: there is no item dev/B".to_owned(), "set it".to_owned())
        );
    }

    proptest! {
        #[test]
        fn everything_else_is_unchanged(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let filled = fill(&text, "t", 1, |_| Err(Error::failed("none")));
            prop_assert!(has_reference(&text) || *filled.unwrap() == text[..]);
        }
    }
}
