//! Items in a plaintext that have a name, a value and nothing else, read without a JSON parser: most are such, and parsing
//! them takes longer than decrypting them.

use crate::names::{Class, classes};
use crate::plaintext::Plaintext;
use std::ops::Range;

/// An item that has a name, a value and nothing else.
#[derive(Debug, PartialEq, Eq)]
pub struct Plain<'a> {
    /// What stands between its quotes: letters, digits, `_`, `.` and `-`, the first of them no `.` and no `-`.
    pub name: &'a str,
    /// Where that stands in the plaintext.
    pub place: Range<usize>,
    /// Whether there is no `.` and no `-` in it.
    pub is_variable: bool,
    /// Where the value stands in the plaintext, which has no escape in it.
    pub value: Range<usize>,
}

/// Why reading stopped.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    /// At something else, where an item has to be.
    Other(usize),
    /// Behind an item that no comma follows.
    End(usize),
    /// At an item that was not taken.
    Refused,
}

/// Reads items in a row, each but the last one with a comma behind it, and hands each to `take`, as long as they are plain
/// and taken. The row begins at a place where an item has to be.
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
        if !take(Plain { name: text, place: name, is_variable, value }) {
            return Stop::Refused;
        }
        if bytes.get(end) != Some(&b',') {
            return Stop::End(end);
        }
        at = end + 1;
    }
}

/// Where the name and the value of such an item stand, and where it ends.
fn item(bytes: &[u8], at: usize) -> Option<(Range<usize>, Range<usize>, usize)> {
    let name = after(bytes, at, br#"{"name":""#)?;
    // Names are short: looking for their end byte by byte takes less than calling what is fast for long ones.
    let name = name..name + bytes[name..].iter().position(|byte| *byte == b'"')?;
    let value = after(bytes, name.end, br#"","value":""#)?;
    let value = value..value + memchr::memchr2(b'"', b'\\', &bytes[value..])?;
    let end = after(bytes, value.end, br#""}"#)?;
    Some((name, value, end))
}

/// Where these bytes end, if they stand at this place.
fn after<const N: usize>(bytes: &[u8], at: usize, these: &[u8; N]) -> Option<usize> {
    (bytes.get(at..)?.first_chunk::<N>()? == these).then_some(at + N)
}

/// Whether there is a byte below a space.
#[must_use]
pub fn has_control(bytes: &[u8]) -> bool {
    const EACH: u64 = u64::MAX / 255;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut any = 0;
    for word in words {
        let word = u64::from_ne_bytes(*word);
        // Subtracting borrows from the high bit of a byte that is less (Bit Twiddling Hacks, "hasless").
        any |= word.wrapping_sub(EACH * 0x20) & !word;
    }
    any & (EACH * 0x80) != 0 || rest.iter().any(|byte| *byte < 0x20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    /// The names and values of a row, as far as they are taken, and why it ends.
    fn read(text: &str, at: usize, refused: &str) -> (Vec<(String, bool, String)>, Stop) {
        let whole = Plaintext::new(Zeroizing::new(text.as_bytes().to_vec())).unwrap();
        let mut all = Vec::new();
        let stop = row(&whole, at, &mut |Plain { name, place, is_variable, value }| {
            assert_eq!(&whole[place], name);
            all.push((name.to_owned(), is_variable, whole[value].to_owned()));
            name != refused
        });
        (all, stop)
    }

    #[test]
    fn a_row_is_read_up_to_what_is_no_plain_item() {
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
        fn a_control_character_is_seen_anywhere(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(has_control(&bytes), bytes.iter().any(|byte| *byte < 0x20));
        }
    }
}
