//! npm's `dotenv-expand` (12 and 13): `$NAME`, `${NAME}` and the operators `:-`, `-`, `:+` and `+`; `\$` is a dollar
//! sign. After each replacement it scans the whole value again, so that a value may refer to another. It uses
//! JavaScript's `String.replace`, in which `$$`, `$&`, `` $` `` and `$'` in the replacement are special.

use super::expanded::{Expanded, Failure, Known, MAX_VALUE, Unset};
use super::text::{append, copy, find, leading_name};
use zeroize::Zeroizing;

/// The most replacements in one value.
const MAX_REPLACED: usize = 1_000;

/// The most bytes to scan for one value. A value that refers to itself would never end.
const MAX_WORK: usize = 8 << 20;

pub(super) fn expand(value: &str, known: &Known, unset: Unset) -> Result<Expanded, Failure> {
    let mut result = copy(value);
    let mut seen: Vec<Zeroizing<String>> = Vec::new();
    let mut work = 0;
    let mut is_kept;
    loop {
        let (next, kept) = next_reference(&result, known, unset);
        is_kept = kept;
        let Some(reference) = next else { break };
        work += result.len();
        if result.len() > MAX_VALUE {
            return Err(Failure::TooLarge);
        }
        if work > MAX_WORK || seen.len() == MAX_REPLACED {
            return Err(Failure::TooDeep);
        }
        let template = copy(reference.text);
        let was_result = |value: &str| *value == **result || seen.iter().any(|seen| **seen == *value);
        let replacement = replacement(&reference, known, was_result);
        let key = reference.key.to_owned();
        let replaced = replace_first(&result, &template, &replacement)?;
        seen.push(std::mem::replace(&mut result, replaced));
        if known.get(&key).is_some_and(|value| **value == *result) {
            break;
        }
    }
    let value = Zeroizing::new(result.replace("\\$", "$"));
    Ok(Expanded { value, is_kept })
}

struct Reference<'v> {
    /// The reference as written, with `$` and braces.
    text: &'v str,
    key: &'v str,
    operator: &'static str,
    /// The text after the operator.
    word: &'v str,
}

/// Returns the first reference to replace, and whether an earlier one is kept as written.
fn next_reference<'v>(value: &'v str, known: &Known, unset: Unset) -> (Option<Reference<'v>>, bool) {
    let mut is_kept = false;
    let mut from = 0;
    while let Some(at) = find(&value[from..], &['$']).map(|at| from + at) {
        from = at + 1;
        if value[..at].ends_with('\\') {
            continue;
        }
        let Some(reference) = reference(&value[at..]) else { continue };
        let is_set = !reference.operator.is_empty() || known.contains_key(reference.key);
        if is_set || unset != Unset::Keep {
            return (Some(reference), is_kept);
        }
        is_kept = true;
        from = at + reference.text.len();
    }
    (None, is_kept)
}

/// Returns the reference at the start of `text`: `${` up to the next brace, or the longest name.
fn reference(text: &str) -> Option<Reference<'_>> {
    let inner = text.strip_prefix("${").and_then(|inner| {
        let end = find(inner, &['{', '}']).filter(|end| *end > 0 && inner[*end..].starts_with('}'))?;
        Some(&inner[..end])
    });
    let (expression, text) = match inner {
        Some(inner) => (inner, &text[..inner.len() + 3]),
        None => {
            let name = leading_name(&text[1..]);
            (name, &text[..=name.len()])
        }
    };
    if expression.is_empty() {
        return None;
    }
    let Some(at) = find(expression, &[':', '+', '-']).and_then(|from| operator_at(expression, from)) else {
        return Some(Reference { text, key: expression, operator: "", word: "" });
    };
    let (at, operator) = at;
    Some(Reference { text, key: &expression[..at], operator, word: &expression[at + operator.len()..] })
}

/// Returns the first operator at or after `from`. A colon alone is not an operator.
fn operator_at(expression: &str, from: usize) -> Option<(usize, &'static str)> {
    for (at, _) in expression[from..].match_indices([':', '+', '-']) {
        let at = from + at;
        for operator in [":+", "+", ":-", "-"] {
            if expression[at..].starts_with(operator) {
                return Some((at, operator));
            }
        }
    }
    None
}

/// Returns the replacement of a reference. An empty value counts as unset, and so does a value that the result had
/// before.
fn replacement(reference: &Reference<'_>, known: &Known, was_result: impl Fn(&str) -> bool) -> Zeroizing<String> {
    let value = known.get(reference.key).filter(|value| !value.is_empty());
    match (reference.operator, value) {
        (":+" | "+", Some(_)) => copy(reference.word),
        (":+" | "+", None) => copy(""),
        (_, Some(value)) if !was_result(value) => value.clone(),
        _ => copy(reference.word),
    }
}

/// Does what JavaScript's `text.replace(template, replacement)` does with two strings. Its result can be as large as the
/// product of their lengths, so it is refused while it grows.
fn replace_first(text: &str, template: &str, replacement: &str) -> Result<Zeroizing<String>, Failure> {
    let Some(at) = text.find(template) else { return Ok(copy(text)) };
    let (before, behind) = (&text[..at], &text[at + template.len()..]);
    let mut out = Zeroizing::new(String::with_capacity(text.len() + replacement.len()));
    append(&mut out, before);
    let mut rest = replacement;
    while let Some(at) = find(rest, &['$']) {
        append(&mut out, &rest[..at]);
        let (meant, length) = match rest.as_bytes().get(at + 1) {
            Some(b'$') => ("$", 2),
            Some(b'&') => (template, 2),
            Some(b'`') => (before, 2),
            Some(b'\'') => (behind, 2),
            _ => ("$", 1),
        };
        append(&mut out, meant);
        if out.len() > MAX_VALUE {
            return Err(Failure::TooLarge);
        }
        rest = &rest[at + length..];
    }
    append(&mut out, rest);
    append(&mut out, behind);
    Ok(out)
}
