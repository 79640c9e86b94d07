//! Reads items that have only a name and a value from a plaintext, without a JSON parser. Most items are like this, and
//! parsing them as JSON takes longer than decrypting them.

use crate::names::{Class, classes};
use crate::plaintext::{Plaintext, SecretPart, TextPart};
use std::ops::Range;

/// An item that consists of a name and a value.
pub struct Plain<'a> {
    /// The name, between its quotes: letters, digits, `_`, `.` and `-`. The first character is neither `.` nor `-`.
    pub name: &'a str,
    /// Whether the name contains neither `.` nor `-`.
    pub is_variable: bool,
    /// The position of the value in the plaintext, between its quotes. The value contains no escape.
    pub value: Range<usize>,
    place: Range<usize>,
    whole: &'a Plaintext,
}

impl Plain<'_> {
    /// The name and the value, as parts of the plaintext.
    #[must_use]
    pub fn parts(&self) -> Option<(TextPart, SecretPart)> {
        // Both are between quotes, so they start and end at character boundaries.
        Some((TextPart::between(self.whole, &self.place)?, SecretPart::between(self.whole, &self.value)?))
    }
}

/// Why reading stopped.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    /// There is something other than a plain item at this position.
    Other(usize),
    /// There is no comma after an item, which ends at this position.
    End(usize),
    /// `take` refused an item, or the item's name is not valid.
    Refused,
}

/// Reads consecutive items, separated by commas, and passes each to `take`, until an item is not plain or is refused.
/// Reading starts where an item must start.
pub fn row<'a>(whole: &'a Plaintext, mut at: usize, take: &mut dyn FnMut(Plain<'a>) -> bool) -> Stop {
    let bytes = whole.as_bytes();
    loop {
        let Some((name, value, end)) = item(bytes, at) else { return Stop::Other(at) };
        let all = classes(&bytes[name.clone()]);
        let begins = bytes.get(name.start).is_some_and(|first| classes(&[*first]) & Class::Variable as u8 != 0);
        let Some(text) = whole.get(name.clone()) else { return Stop::Refused };
        if name.is_empty() || !begins || all & Class::Item as u8 == 0 {
            return Stop::Refused;
        }
        let is_variable = all & Class::Variable as u8 != 0;
        if !take(Plain { name: text, is_variable, value, place: name, whole }) {
            return Stop::Refused;
        }
        if bytes.get(end) != Some(&b',') {
            return Stop::End(end);
        }
        at = end + 1;
    }
}

/// Returns the positions of the name and the value of a plain item, and where the item ends.
fn item(bytes: &[u8], at: usize) -> Option<(Range<usize>, Range<usize>, usize)> {
    let name = after(bytes, at, br#"{"name":""#)?;
    // Names are short: a loop over their bytes is faster than a call to a function that is fast for long texts.
    let name = name..name + bytes[name..].iter().position(|byte| *byte == b'"')?;
    let value = after(bytes, name.end, br#"","value":""#)?;
    let value = value..value + memchr::memchr2(b'"', b'\\', &bytes[value..])?;
    let end = after(bytes, value.end, br#""}"#)?;
    Some((name, value, end))
}

/// Returns where these bytes end, if they are at this position.
fn after<const N: usize>(bytes: &[u8], at: usize, these: &[u8; N]) -> Option<usize> {
    (bytes.get(at..)?.first_chunk::<N>()? == these).then_some(at + N)
}

/// Returns whether there is a byte below the space.
#[must_use]
pub fn has_control(bytes: &[u8]) -> bool {
    const EACH: u64 = u64::MAX / 255;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut any = 0;
    for word in words {
        let word = u64::from_ne_bytes(*word);
        // The subtraction borrows from the high bit of each byte that is less (Bit Twiddling Hacks, "hasless").
        any |= word.wrapping_sub(EACH * 0x20) & !word;
    }
    any & (EACH * 0x80) != 0 || rest.iter().any(|byte| *byte < 0x20)
}

/// Whether these bytes, between quotes, mean themselves: there is no quote, no backslash and no control character among
/// them.
#[must_use]
#[inline(never)] // Into a program that is built for size, it would be built for size.
pub fn is_bare(bytes: &[u8]) -> bool {
    let is_other = |byte: u8| (byte < b' ') | (byte == b'"') | (byte == b'\\') | (byte == 0x7f);
    // Without an early exit, the loop checks many bytes at once.
    !bytes.iter().fold(false, |any, byte| any | is_other(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    /// Returns the names and values of the items that were taken, and why reading stopped.
    fn read(text: &str, at: usize, refused: &str) -> (Vec<(String, bool, String)>, Stop) {
        let whole = Plaintext::new(Zeroizing::new(text.as_bytes().to_vec())).unwrap();
        let mut all = Vec::new();
        let stop = row(&whole, at, &mut |item| {
            let (name, value) = item.parts().unwrap();
            assert_eq!((name.as_str(), &*value), (item.name, &whole.as_bytes()[item.value]));
            all.push((name.to_string(), item.is_variable, String::from_utf8(value.to_vec()).unwrap()));
            item.name != refused
        });
        (all, stop)
    }

    #[test]
    fn items_are_read_up_to_the_first_that_is_not_plain() {
        let item = |name: &str, value: &str| format!(r#"{{"name":"{name}","value":"{value}"}}"#);
        let (a, b) = (item("A", "one, {two}"), item("b.c-D", ""));
        let both = [("A".to_owned(), true, "one, {two}".to_owned()), ("b.c-D".to_owned(), false, String::new())];
        let text = format!("[{a},{b}]");
        assert_eq!(read(&text, 1, ""), (both.to_vec(), Stop::End(text.len() - 1)));
        assert_eq!(read(&text, 1, "A"), (both[..1].to_vec(), Stop::Refused));
        assert_eq!(read(&text, 0, ""), (vec![], Stop::Other(0)));
        let others = [
            r#"{"name":"B","value":"x\n"}"#,
            r#"{"name":"B","value":"x","kind":"variable"}"#,
            "",
            " ",
            "]",
            r#"{"name":"B"#,
        ];
        for other in others {
            let text = format!("{a},{other}");
            assert_eq!(read(&text, 0, ""), (both[..1].to_vec(), Stop::Other(a.len() + 1)), "{other}");
        }
        for name in ["", ".a", "-a", "a b", "é", "a\\u0041"] {
            assert_eq!(read(&item(name, "x"), 0, ""), (vec![], Stop::Refused), "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_control_character_is_found_at_any_position(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(has_control(&bytes), bytes.iter().any(|byte| *byte < 0x20));
            let bare = bytes.iter().all(|byte| *byte >= b' ' && !matches!(byte, b'"' | b'\\' | 0x7f));
            prop_assert_eq!(is_bare(&bytes), bare);
        }
    }
}
