//! Text that is put together from others, and what is found in it.

use super::super::steps;
use zeroize::Zeroizing;

pub(super) fn copy(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

/// Appends text. If the memory must grow, the old memory is wiped.
pub(super) fn append(out: &mut Zeroizing<String>, text: &str) {
    steps::count(text.len());
    let needed = out.len() + text.len();
    if needed > out.capacity() {
        let mut larger = Zeroizing::new(String::with_capacity(needed.max(2 * out.capacity())));
        larger.push_str(out);
        *out = larger;
    }
    out.push_str(text);
}

/// Returns whether `c` may stand in a name after a dollar sign. A digit may not be the first character.
fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Returns the variable name at the start of `text`, which may be empty.
pub(super) fn leading_name(text: &str) -> &str {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return "";
    }
    let end = text.find(|c| !is_name_character(c)).unwrap_or(text.len());
    steps::count(end);
    &text[..end]
}

/// Returns the position of the first of these characters.
pub(super) fn find(text: &str, characters: &[char]) -> Option<usize> {
    let at = text.find(characters);
    steps::count(at.unwrap_or(text.len()));
    at
}
