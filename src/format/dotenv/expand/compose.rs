//! Docker Compose (compose-go 2, `dotenv/parser.go` and `template/template.go`): `$NAME`, `${NAME}` and the operators
//! `-`, `+` and `?`, each also with a colon, in plain and double-quoted values. `$$` is a dollar sign, and so is `\$`
//! between double quotes. Compose refuses a file with an invalid `${`.

use super::expanded::{Expanded, Failure, Known, MAX_DEPTH, MAX_VALUE, Unset};
use super::text::{append, copy, find, leading_name};
use crate::format::dotenv::steps;
use adotenv::Quote;
use zeroize::Zeroizing;

pub(super) fn expand(entry: adotenv::Entry<'_>, known: &Known, unset: Unset) -> Result<Expanded, Failure> {
    let value = entry.value().unwrap_or_default();
    let value = match entry.quote() {
        Quote::Single => return Ok(Expanded { value: copy(value), is_kept: false }),
        Quote::Double => with_dollars_doubled(entry.raw_value().unwrap_or_default()).unwrap_or_else(|| copy(value)),
        _ => copy(value),
    };
    let mut substitution = Substitution { known, unset, out: Zeroizing::new(String::new()), is_kept: false };
    substitution.run(&value, 0)?;
    Ok(Expanded { value: substitution.out, is_kept: substitution.is_kept })
}

/// Decodes the escapes of a double-quoted value, but turns `\$` into `$$`, as Compose does before it expands.
fn with_dollars_doubled(raw: &str) -> Option<Zeroizing<String>> {
    if !raw.contains("\\$") {
        return None;
    }
    let mut line = Zeroizing::new(String::with_capacity(raw.len() + 2));
    line.push_str("A=");
    let mut characters = raw.chars();
    while let Some(c) = characters.next() {
        match (c, c == '\\') {
            (_, true) => match characters.next() {
                Some('$') => line.push_str("$$"),
                Some(next) => line.extend(['\\', next]),
                None => line.push('\\'),
            },
            (c, false) => line.push(c),
        }
    }
    let (document, _) = adotenv::parse_with(&line, adotenv::Dialect::COMPOSE);
    document.get("A").map(copy)
}

struct Substitution<'k> {
    known: &'k Known,
    unset: Unset,
    out: Zeroizing<String>,
    is_kept: bool,
}

impl Substitution<'_> {
    fn run(&mut self, template: &str, depth: usize) -> Result<(), Failure> {
        if depth > MAX_DEPTH {
            return Err(Failure::TooDeep);
        }
        let mut rest = template;
        while let Some(at) = find(rest, &['$']) {
            self.push(&rest[..at])?;
            rest = &rest[at..];
            rest = match rest.as_bytes().get(1) {
                Some(b'$') => {
                    self.push("$")?;
                    &rest[2..]
                }
                Some(b'{') => self.braced(rest, depth)?,
                _ => self.named(rest)?,
            };
        }
        self.push(rest)
    }

    fn named<'t>(&mut self, text: &'t str) -> Result<&'t str, Failure> {
        let name = leading_name(&text[1..]);
        let (reference, rest) = text.split_at(1 + name.len());
        if name.is_empty() {
            self.push("$")?;
        } else {
            self.value(name, reference)?;
        }
        Ok(rest)
    }

    fn braced<'t>(&mut self, text: &'t str, depth: usize) -> Result<&'t str, Failure> {
        let name = leading_name(&text[2..]);
        let behind = &text[2 + name.len()..];
        if name.is_empty() {
            return Err(Failure::Invalid);
        }
        if let Some(rest) = behind.strip_prefix('}') {
            self.value(name, &text[..name.len() + 3])?;
            return Ok(rest);
        }
        let colon = behind.starts_with(':');
        let operator = behind[usize::from(colon)..].chars().next().filter(|c| "-+?".contains(*c));
        let (Some(operator), Some(end)) = (operator, closing_brace(text)) else { return Err(Failure::Invalid) };
        let word = text.get(2 + name.len() + usize::from(colon) + 1..end).ok_or(Failure::Invalid)?;
        let known = self.known;
        let value = known.get(name).filter(|value| !(colon && value.is_empty()));
        match (operator, value) {
            ('-' | '?', Some(value)) => self.push(value)?,
            ('-', None) | ('+', Some(_)) => self.run(word, depth + 1)?,
            ('+', None) => {}
            _ => return Err(Failure::Missing),
        }
        Ok(&text[end + 1..])
    }

    fn value(&mut self, name: &str, reference: &str) -> Result<(), Failure> {
        let known = self.known;
        match known.get(name) {
            Some(value) => self.push(value),
            None if self.unset == Unset::Keep => {
                self.is_kept = true;
                self.push(reference)
            }
            None => Ok(()),
        }
    }

    fn push(&mut self, text: &str) -> Result<(), Failure> {
        if self.out.len() + text.len() > MAX_VALUE {
            return Err(Failure::TooLarge);
        }
        append(&mut self.out, text);
        Ok(())
    }
}

/// Returns the position of the brace that closes the first one, or else of the last brace in the line. Like Compose, it
/// skips the character after each `{`.
fn closing_brace(text: &str) -> Option<usize> {
    let mut last = None;
    let mut open = 0_usize;
    let mut is_skipped = false;
    for (at, byte) in text.bytes().enumerate().take_while(|(_, byte)| *byte != b'\n') {
        steps::count(1);
        if byte == b'}' {
            last = Some(at);
        }
        match byte {
            _ if is_skipped => is_skipped = false,
            b'}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    break;
                }
            }
            b'{' => {
                open += 1;
                is_skipped = true;
            }
            _ => {}
        }
    }
    last
}
