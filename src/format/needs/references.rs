//! Finds `$NAME` and `${NAME}` in a text, in Compose's syntax.

use super::Need;
use crate::name::is_variable_name;

/// Returns the references in a text. Comment lines are skipped.
pub(super) fn read(text: &str) -> Vec<Need> {
    let mut needs = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if !line.trim_start().starts_with('#') {
            read_line(line, index + 1, &mut needs);
        }
    }
    needs
}

/// Finds the references in a line. In `${A:-${B}}`, B is used only if A is not set, so it is named but not required.
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
    /// The length of the reference, up to its closing brace or to its operator.
    length: usize,
    /// Whether a default or a message follows the operator.
    is_open: bool,
}

/// Returns the reference after a dollar sign.
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
