//! `python-dotenv`: `${NAME}` and `${NAME:-default}`, by the pattern `\$\{([^\}:]*)(?::-([^\}]*))?\}` of its
//! `variables.py`, in any quotes. A name that is set to an empty value does not use the default.

use super::expanded::{Expanded, Failure, Known, MAX_VALUE, Unset};
use super::text::{append, find};
use zeroize::Zeroizing;

pub(super) fn expand(value: &str, known: &Known, unset: Unset) -> Result<Expanded, Failure> {
    let mut out = Zeroizing::new(String::with_capacity(value.len()));
    let mut is_kept = false;
    let mut rest = value;
    while let Some(at) = rest.find("${") {
        append(&mut out, &rest[..at]);
        rest = &rest[at..];
        let reference = match reference(rest) {
            Ok(reference) => reference,
            // No match can start before `end` either, so the search continues there and stays linear.
            Err(end) => {
                append(&mut out, &rest[..end]);
                rest = &rest[end..];
                continue;
            }
        };
        match (known.get(reference.name), reference.default) {
            (Some(value), _) => append(&mut out, value),
            (None, Some(default)) => append(&mut out, default),
            (None, None) if unset == Unset::Keep => {
                append(&mut out, reference.text);
                is_kept = true;
            }
            (None, None) => {}
        }
        if out.len() > MAX_VALUE {
            return Err(Failure::TooLarge);
        }
        rest = &rest[reference.text.len()..];
    }
    append(&mut out, rest);
    Ok(Expanded { value: out, is_kept })
}

struct Reference<'v> {
    text: &'v str,
    name: &'v str,
    default: Option<&'v str>,
}

/// Returns the reference at the start of `text`, or else the end of the part in which no reference can start.
fn reference(text: &str) -> Result<Reference<'_>, usize> {
    let inner = &text[2..];
    let end = find(inner, &['}', ':']).ok_or(text.len())?;
    let name = &inner[..end];
    if inner[end..].starts_with('}') {
        return Ok(Reference { text: &text[..2 + end + 1], name, default: None });
    }
    let default = inner[end..].strip_prefix(":-").ok_or(2 + end + 1)?;
    let length = find(default, &['}']).ok_or(text.len())?;
    let text = &text[..2 + end + 2 + length + 1];
    Ok(Reference { text, name, default: Some(&default[..length]) })
}
