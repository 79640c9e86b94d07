//! `$NAME` and `${NAME}` in a text, as Compose writes them.

use super::Need;
use crate::name::is_variable_name;

/// The references of a text, but for lines that are comments.
pub(super) fn read(text: &str) -> Vec<Need> {
    let mut needs = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if !line.trim_start().starts_with('#') {
            read_line(line, index + 1, &mut needs);
        }
    }
    needs
}

/// What stands inside a default or a message, `${A:-${B}}`, is only looked at where A is not set: it is named and not
/// required.
fn read_line(line: &str, number: usize, needs: &mut Vec<Need>) {
    let mut open: Vec<Brace> = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['$', '{', '}']) {
        let (sign, behind) = rest[at..].split_at(1);
        rest = behind;
        match sign {
            "{" => open.push(Brace::Other),
            "}" => {
                open.pop();
            }
            _ if behind.starts_with('$') => rest = &behind[1..],
            _ => {
                let is_inner = open.contains(&Brace::Reference);
                let Some(reference) = reference(behind) else { continue };
                let is_required = !reference.has_default && !is_inner;
                needs.push(Need { name: reference.name.to_owned(), line: number, is_required });
                rest = &behind[reference.length..];
                if reference.is_open {
                    open.push(Brace::Reference);
                }
            }
        }
    }
}

#[derive(PartialEq, Eq)]
enum Brace {
    Reference,
    Other,
}

struct Reference<'t> {
    name: &'t str,
    has_default: bool,
    /// How much of the text it is, up to its brace's end or its operator.
    length: usize,
    /// Whether more of it follows behind its operator.
    is_open: bool,
}

/// The reference behind a dollar sign.
fn reference(text: &str) -> Option<Reference<'_>> {
    let braced = text.strip_prefix('{');
    let inner = braced.unwrap_or(text);
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let (name, behind) = inner.split_at(end);
    if !is_variable_name(name) {
        return None;
    }
    let length = text.len() - behind.len();
    if braced.is_none() {
        return Some(Reference { name, has_default: false, length, is_open: false });
    }
    if behind.starts_with('}') {
        return Some(Reference { name, has_default: false, length: length + 1, is_open: false });
    }
    let operator = behind.strip_prefix(':').unwrap_or(behind);
    if !operator.starts_with(['-', '+', '?']) {
        return None;
    }
    let length = text.len() - operator.len() + 1;
    Some(Reference { name, has_default: operator.starts_with(['-', '+']), length, is_open: true })
}
