//! `python-dotenv`: `${NAME}` and `${NAME:-default}`, by the pattern `\$\{([^\}:]*)(?::-([^\}]*))?\}` of its
//! `variables.py`, whatever quotes the value stood in. A name that is set to nothing has no default.

use super::{Expanded, Failure, Known, MAX_VALUE, Unset, append};
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
            // Nothing that begins before here can match either: going on from here keeps this linear.
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

/// The reference that `text` begins with, or the end of what none can begin in.
fn reference(text: &str) -> Result<Reference<'_>, usize> {
    let inner = &text[2..];
    let end = inner.find(['}', ':']).ok_or(text.len())?;
    let name = &inner[..end];
    if inner[end..].starts_with('}') {
        return Ok(Reference { text: &text[..2 + end + 1], name, default: None });
    }
    let default = inner[end..].strip_prefix(":-").ok_or(2 + end + 1)?;
    let length = default.find('}').ok_or(text.len())?;
    let text = &text[..2 + end + 2 + length + 1];
    Ok(Reference { text, name, default: Some(&default[..length]) })
}
